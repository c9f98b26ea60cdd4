using System.Text.Json.Nodes;

namespace OpenCue.Protocol.Tests;

/// <summary>Holds the generated descriptors against OpenCue's contract: existing clients depend on every name and number.</summary>
public sealed class WireContractTests
{
    [Fact]
    public void The_generated_code_is_the_contract_and_nothing_more()
    {
        var contract = WireFacts.Of(WireFacts.ReadContract());
        var generated = WireFacts.Of(WireFacts.GeneratedFiles());

        Assert.Empty(WireFacts.Differences(contract, generated));
    }

    [Fact]
    public void The_contract_has_the_size_of_the_whole_api()
    {
        var facts = WireFacts.Of(WireFacts.ReadContract()).Keys;

        Assert.Equal(18, facts.Count(key => key.EndsWith(": package", StringComparison.Ordinal)));
        Assert.Equal(28, facts.Count(key => key.Contains(": service ", StringComparison.Ordinal)));
        Assert.Equal(304, facts.Count(key => key.Contains(": method ", StringComparison.Ordinal)));
        Assert.Equal(718, facts.Count(key => key.Contains(": message ", StringComparison.Ordinal)));
        Assert.Equal(1491, facts.Count(key => key.Contains(": field ", StringComparison.Ordinal)));
        Assert.Equal(22, facts.Count(key => key.Contains(": enum ", StringComparison.Ordinal)
            && !key.Contains(": enum value ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_changed_number_is_reported_with_file_message_and_field() =>
        Assert.Equal(
            ["job.proto: field job.Job.min_cores is \"float = 12\"; the contract says \"float = 99\""],
            DifferencesWhen(contract => Field(contract, "job.proto", "Job", "min_cores")["number"] = 99));

    [Fact]
    public void A_changed_type_is_reported() =>
        Assert.Equal(
            ["host.proto: field host.Host.memory is \"int64 = 8\"; the contract says \"int32 = 8\""],
            DifferencesWhen(contract => Field(contract, "host.proto", "Host", "memory")["type"] = "int32"));

    [Fact]
    public void A_changed_label_is_reported() =>
        Assert.Equal(
            ["host.proto: field host.Host.tags is \"repeated string = 24\"; the contract says \"string = 24\""],
            DifferencesWhen(contract => Field(contract, "host.proto", "Host", "tags")["repeated"] = false));

    [Fact]
    public void A_field_taken_out_of_its_oneof_is_reported() =>
        Assert.Equal(
            ["rqd.proto: field rqd.RunFrame.uid is \"int32 = 17, in oneof uid_optional\"; the contract says \"int32 = 17\""],
            DifferencesWhen(contract => Field(contract, "rqd.proto", "RunFrame", "uid").Remove("oneof")));

    [Fact]
    public void A_missing_field_and_an_extra_field_are_reported() =>
        Assert.Equal(
            [
                "cue.proto: field cue.SystemStats.renamed is missing; the contract says \"int64 = 29\"",
                "cue.proto: field cue.SystemStats.booked_procs (\"int64 = 29\") is not in the contract",
            ],
            DifferencesWhen(contract => Field(contract, "cue.proto", "SystemStats", "booked_procs")["name"] = "renamed"));

    [Fact]
    public void A_changed_enum_value_is_reported() =>
        Assert.Equal(
            ["job.proto: enum value job.FrameState.DEAD is \"5\"; the contract says \"50\""],
            DifferencesWhen(contract => Named(File(contract, "job.proto"), "enums", "FrameState")["values"]!["DEAD"] = 50));

    [Fact]
    public void A_changed_method_is_reported() =>
        Assert.Equal(
            [
                "limit.proto: method limit.LimitInterface.Get is \"limit.LimitGetRequest returns limit.LimitGetResponse\"; "
                + "the contract says \"limit.LimitFindRequest returns limit.LimitGetResponse\"",
            ],
            DifferencesWhen(contract =>
                Named(Named(File(contract, "limit.proto"), "services", "LimitInterface"), "methods", "Get")["request"] =
                    "limit.LimitFindRequest"));

    [Fact]
    public void A_file_that_no_one_generated_is_reported() =>
        Assert.Equal(
            [
                "events.proto: package is missing; the contract says \"events\"",
                "events.proto: syntax is missing; the contract says \"proto3\"",
            ],
            DifferencesWhen(contract =>
                contract["files"]!.AsArray().Add(new JsonObject { ["file"] = "events.proto", ["package"] = "events" })));

    private static IReadOnlyList<string> DifferencesWhen(Action<JsonNode> change)
    {
        var contract = WireFacts.ReadContract();
        change(contract);
        return WireFacts.Differences(WireFacts.Of(contract), WireFacts.Of(WireFacts.GeneratedFiles()));
    }

    private static JsonObject Field(JsonNode contract, string file, string message, string field) =>
        Named(Named(File(contract, file), "messages", message), "fields", field);

    private static JsonObject File(JsonNode contract, string file) =>
        contract["files"]!.AsArray().Select(node => node!.AsObject()).Single(node => (string)node["file"]! == file);

    private static JsonObject Named(JsonObject parent, string list, string name) =>
        parent[list]!.AsArray().Select(node => node!.AsObject()).Single(node => (string)node["name"]! == name);
}
