using System.Globalization;
using OpenCue.Rpc.Server;

namespace OpenCue.Rpc.Tests;

public sealed class GrpcioTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public Task Unary_calls_of_all_sizes_are_answered() => RunAsync("unary");

    [Fact]
    public Task Streams_arrive_whole_and_in_order_in_every_direction() => RunAsync("streaming");

    [Fact]
    public async Task Every_status_arrives_with_its_message_in_any_script()
    {
        await using var server = await TestServer.StartAsync();
        await Grpcio.RunAsync("errors", server);
        Assert.Single(server.Errors, error => error.Contains("broken ä", StringComparison.Ordinal));
        Assert.Single(server.Errors);
    }

    [Fact]
    public Task Metadata_travels_both_ways_as_text_and_as_bytes() => RunAsync("metadata");

    [Fact]
    public async Task A_passed_deadline_ends_the_call_and_fires_its_token()
    {
        await using var server = await TestServer.StartAsync();
        await Grpcio.RunAsync("deadline", server);
        Assert.Equal("cancelled", await Eventually.Within(server.Service.HangEnded.Task));
        await server.NoCallInFlightAsync();
    }

    [Fact]
    public async Task A_cancelled_call_fires_its_token()
    {
        await using var server = await TestServer.StartAsync();
        await Grpcio.RunAsync("cancel", server);
        Assert.Equal("cancelled", await Eventually.Within(server.Service.HangEnded.Task));
        await server.NoCallInFlightAsync();
        Assert.Empty(server.Errors);
    }

    [Fact]
    public async Task A_cancelled_stream_stops_its_writer()
    {
        await using var server = await TestServer.StartAsync();
        await Grpcio.RunAsync("cancel_stream", server);
        await server.NoCallInFlightAsync();
        Assert.Empty(server.Errors);
    }

    [Fact]
    public Task Gzip_works_both_ways_and_other_encodings_are_refused_with_what_is_taken() =>
        RunAsync("gzip", options => options.GzipResponsesFromBytes = 100);

    [Theory]
    [InlineData(1000)]
    [InlineData(8 * MiB)]
    public Task A_message_of_exactly_the_limit_passes_and_one_byte_more_is_refused(int limit) =>
        RunAsync("limit", options => options.MaxMessageBytes = limit, limit.ToString(CultureInfo.InvariantCulture));

    [Fact]
    public Task The_limit_is_a_hundred_mebibytes_unless_set() =>
        RunAsync("limit", null, (100 * MiB).ToString(CultureInfo.InvariantCulture));

    [Fact]
    public Task Reflection_shows_the_mapped_services_under_both_of_its_names() => RunAsync("reflection");

    private static async Task RunAsync(string scenario, Action<RpcServerOptions>? configure = null, params string[] arguments)
    {
        await using var server = await TestServer.StartAsync(configure);
        await Grpcio.RunAsync(scenario, server, arguments);
        await server.NoCallInFlightAsync();
        Assert.Empty(server.Errors);
    }
}
