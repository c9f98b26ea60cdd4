using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;

namespace OpenCue.Protocol.Tests;

/// <summary>
/// A wire contract as a flat list of facts: what it is about ("job.proto: field job.Job.min_cores") and what it says
/// ("float = 12"). Two contracts are the same when their facts are, and a difference names its place by itself. Imports are no facts:
/// they say how the files are cut and never reach the wire (monitoring.proto leaves out one that it would not use).
/// </summary>
internal static class WireFacts
{
    /// <summary>The facts of opencue-wire.json, parsed.</summary>
    public static ImmutableSortedDictionary<string, string> Of(JsonNode contract)
    {
        var facts = new Facts();
        foreach (var file in Items(contract["files"]))
        {
            var name = Text(file["file"]);
            var package = Text(file["package"]);
            facts.Add(name, "syntax", "", "proto3");
            facts.Add(name, "package", "", package);

            foreach (var message in Items(file["messages"]))
            {
                var deprecated = Items(message["deprecated"]).Select(Text).ToHashSet();
                var messageName = $"{package}.{Text(message["name"])}";
                facts.Add(name, "message", messageName, "present");
                foreach (var field in Items(message["fields"]))
                {
                    var fieldName = Text(field["name"]);
                    facts.AddField(
                        name,
                        $"{messageName}.{fieldName}",
                        (bool?)field["repeated"] ?? false,
                        Text(field["type"]),
                        (int)field["number"]!,
                        (string?)field["oneof"],
                        deprecated.Contains(fieldName));
                }
            }

            foreach (var enumeration in Items(file["enums"]))
            {
                var enumName = $"{package}.{Text(enumeration["name"])}";
                facts.Add(name, "enum", enumName, "present");
                foreach (var (valueName, number) in enumeration["values"]!.AsObject())
                {
                    facts.Add(name, "enum value", $"{enumName}.{valueName}", number!.ToString());
                }
            }

            foreach (var service in Items(file["services"]))
            {
                var serviceName = $"{package}.{Text(service["name"])}";
                facts.Add(name, "service", serviceName, "present");
                foreach (var method in Items(service["methods"]))
                {
                    // OpenCue streams nowhere, and so the file has no word for it.
                    facts.AddMethod(
                        name, $"{serviceName}.{Text(method["name"])}", Text(method["request"]), false, Text(method["response"]), false);
                }
            }
        }

        return facts.ToImmutable();
    }

    /// <summary>The facts of the descriptors that protoc generated into an assembly.</summary>
    public static ImmutableSortedDictionary<string, string> Of(IEnumerable<FileDescriptor> files)
    {
        var facts = new Facts();
        foreach (var file in files)
        {
            facts.Add(file.Name, "syntax", "", file.ToProto().Syntax);
            facts.Add(file.Name, "package", "", file.Package);
            foreach (var message in file.MessageTypes)
            {
                AddMessage(facts, message);
            }

            foreach (var enumeration in file.EnumTypes)
            {
                AddEnum(facts, enumeration);
            }

            foreach (var service in file.Services)
            {
                facts.Add(file.Name, "service", service.FullName, "present");
                foreach (var method in service.Methods)
                {
                    facts.AddMethod(
                        file.Name,
                        method.FullName,
                        method.InputType.FullName,
                        method.IsClientStreaming,
                        method.OutputType.FullName,
                        method.IsServerStreaming);
                }
            }
        }

        return facts.ToImmutable();
    }

    /// <summary>opencue-wire.json, fresh for each caller.</summary>
    public static JsonNode ReadContract()
    {
        using var stream = typeof(WireFacts).Assembly.GetManifestResourceStream("opencue-wire.json")!;
        return JsonNode.Parse(stream)!;
    }

    /// <summary>
    /// Every file whose code is in OpenCue.Protocol, found by reflection so that none can be forgotten; those of our own packages are no part of
    /// the contract.
    /// </summary>
    public static IReadOnlyList<FileDescriptor> GeneratedFiles() =>
    [
        .. typeof(Job).Assembly.GetTypes()
            .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static))
            .Where(property => property?.PropertyType == typeof(FileDescriptor))
            .Select(property => (FileDescriptor)property!.GetValue(null)!)
            .Where(file => !file.Package.StartsWith("opencue.", StringComparison.Ordinal))
            .OrderBy(file => file.Name, StringComparer.Ordinal),
    ];

    /// <summary>One line for each difference, in both directions.</summary>
    public static IReadOnlyList<string> Differences(
        ImmutableSortedDictionary<string, string> contract, ImmutableSortedDictionary<string, string> generated)
    {
        var missing = contract.Where(fact => !generated.ContainsKey(fact.Key))
            .Select(fact => $"{fact.Key} is missing; the contract says \"{fact.Value}\"");
        var extra = generated.Where(fact => !contract.ContainsKey(fact.Key))
            .Select(fact => $"{fact.Key} (\"{fact.Value}\") is not in the contract");
        var changed = contract.Where(fact => generated.TryGetValue(fact.Key, out var value) && value != fact.Value)
            .Select(fact => $"{fact.Key} is \"{generated[fact.Key]}\"; the contract says \"{fact.Value}\"");
        return [.. missing.Concat(extra).Concat(changed)];
    }

    private static void AddMessage(Facts facts, MessageDescriptor message)
    {
        if (message.GetOptions() is { MapEntry: true })
        {
            return;
        }

        facts.Add(message.File.Name, "message", message.FullName, "present");
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            facts.AddField(
                message.File.Name,
                field.FullName,
                field is { IsRepeated: true, IsMap: false },
                TypeOf(field),
                field.FieldNumber,
                field.ContainingOneof?.Name,
                field.GetOptions() is { Deprecated: true });
        }

        foreach (var nested in message.NestedTypes)
        {
            AddMessage(facts, nested);
        }

        foreach (var nested in message.EnumTypes)
        {
            AddEnum(facts, nested);
        }
    }

    private static void AddEnum(Facts facts, EnumDescriptor enumeration)
    {
        facts.Add(enumeration.File.Name, "enum", enumeration.FullName, "present");
        foreach (var value in enumeration.Values)
        {
            facts.Add(
                enumeration.File.Name, "enum value", $"{enumeration.FullName}.{value.Name}", value.Number.ToString());
        }
    }

    private static string TypeOf(FieldDescriptor field) => field switch
    {
        { IsMap: true } =>
            $"map<{TypeOf(field.MessageType.FindFieldByNumber(1))}, {TypeOf(field.MessageType.FindFieldByNumber(2))}>",
        { FieldType: FieldType.Message } => field.MessageType.FullName,
        { FieldType: FieldType.Enum } => field.EnumType.FullName,
        _ => field.FieldType.ToString().ToLowerInvariant(),
    };

    private static string Text(JsonNode? node) => (string)node!;

    private static IEnumerable<JsonNode> Items(JsonNode? array) => array is null ? [] : array.AsArray().Select(item => item!);

    private sealed class Facts
    {
        private readonly ImmutableSortedDictionary<string, string>.Builder _facts =
            ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);

        public void Add(string file, string kind, string name, string value) =>
            _facts.Add(name.Length == 0 ? $"{file}: {kind}" : $"{file}: {kind} {name}", value);

        public void AddField(
            string file, string name, bool repeated, string type, int number, string? oneof, bool deprecated) =>
            Add(
                file,
                "field",
                name,
                (repeated ? "repeated " : "") + $"{type} = {number}"
                + (oneof is null ? "" : $", in oneof {oneof}") + (deprecated ? ", deprecated" : ""));

        public void AddMethod(
            string file, string name, string request, bool streamsRequest, string response, bool streamsResponse) =>
            Add(
                file,
                "method",
                name,
                (streamsRequest ? "stream " : "") + request + " returns " + (streamsResponse ? "stream " : "") + response);

        public ImmutableSortedDictionary<string, string> ToImmutable() => _facts.ToImmutable();
    }
}
