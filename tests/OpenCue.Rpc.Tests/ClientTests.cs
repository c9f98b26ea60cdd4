using Google.Protobuf;
using Grpc.Core;
using OpenCue.Rpc.Client;
using OpenCue.Rpc.Tests.Protos;

namespace OpenCue.Rpc.Tests;

public sealed class ClientTests
{
    [Fact]
    public async Task Calls_of_all_sizes_are_answered()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        foreach (var size in new[] { 0, 1, 4096, 65_530, 65_536, 70_000, 5_000_000 })
        {
            var payload = new byte[size];
            new Random(size).NextBytes(payload);
            var response = await client.Stub.EchoAsync(new EchoRequest { Text = "ü", Payload = ByteString.CopyFrom(payload), BigNumber = long.MinValue });
            Assert.Equal(payload, response.Payload.ToByteArray());
            Assert.Equal(long.MinValue, response.BigNumber);
        }
    }

    [Fact]
    public async Task A_thousand_calls_at_once_each_get_their_own_answer()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        var texts = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => client.EchoAsync($"call {i}")));
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"call {i}"), texts);
    }

    [Fact]
    public async Task A_blocking_call_returns_the_answer_too()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        var response = await Task.Run(() => client.Stub.Echo(new EchoRequest { Text = "blocking" }));
        Assert.Equal("blocking", response.Text);
    }

    [Fact]
    public async Task A_stream_arrives_whole_with_headers_and_trailers()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        using var call = client.Stub.Count(new CountRequest { UpTo = 500, PayloadBytes = 3000 });
        Assert.Equal("500", (await call.ResponseHeadersAsync).GetValue("counting-to"));
        var numbers = new List<int>();
        await foreach (var response in call.ResponseStream.ReadAllAsync())
        {
            numbers.Add(response.Number);
        }

        Assert.Equal(Enumerable.Range(1, 500), numbers);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Equal("yes", call.GetTrailers().GetValue("counted"));
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task A_stream_that_fails_keeps_what_came_before()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        using var call = client.Stub.Count(new CountRequest { UpTo = 10, FailAfter = 3 });
        var numbers = new List<int>();
        var failure = await TestClient.FailureAsync(async () =>
        {
            while (await call.ResponseStream.MoveNext())
            {
                numbers.Add(call.ResponseStream.Current.Number);
            }
        });
        Assert.Equal([1, 2, 3], numbers);
        Assert.IsNotType<RpcTransportException>(failure);
        Assert.Equal((StatusCode.Aborted, "stopped at 3"), (failure.StatusCode, failure.Status.Detail));
        Assert.Same(failure, await TestClient.FailureAsync(() => call.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task A_stream_that_is_disposed_of_stops_the_server()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        using (var call = client.Stub.Count(new CountRequest { UpTo = int.MaxValue, PayloadBytes = 1000 }))
        {
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(1, server.Rpc.CallsInFlight);
        }

        await server.NoCallInFlightAsync();
    }

    [Fact]
    public async Task The_servers_status_arrives_with_detail_and_trailers_and_is_no_transport_failure()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        foreach (var code in Enum.GetValues<StatusCode>().Where(code => code != StatusCode.OK))
        {
            const string Detail = "50 % 日本 🎬\nzweite Zeile";
            var failure = await TestClient.FailureAsync(() => client.Stub.FailAsync(new FailRequest { Code = (int)code, Detail = Detail }).ResponseAsync);
            Assert.IsNotType<RpcTransportException>(failure);
            Assert.Equal((code, Detail), (failure.StatusCode, failure.Status.Detail));
            Assert.Equal("because", failure.Trailers.GetValue("why"));
            Assert.Equal(new byte[] { 0, 255, 7 }, failure.Trailers.GetValueBytes("why-bin"));
        }
    }

    [Fact]
    public async Task Metadata_travels_both_ways()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        var headers = new Metadata { { "X-Run-Id", "run 7" }, { "x-data-bin", [0, 128, 255] }, { "x-empty-bin", Array.Empty<byte>() } };
        using var call = client.Stub.MetadataAsync(new EchoRequest(), headers);
        var response = await call;
        Assert.Equal("run 7", response.Text["x-run-id"]);
        Assert.Equal(new byte[] { 0, 128, 255 }, response.Binary["x-data-bin"].ToByteArray());
        Assert.Empty(response.Binary["x-empty-bin"].ToByteArray());
        Assert.InRange(response.DeadlineInMs, 20_000, 30_000);
        Assert.Equal(new byte[] { 3, 200 }, (await call.ResponseHeadersAsync).GetValueBytes("leading-bin"));
        Assert.Equal("text", call.GetTrailers().GetValue("trailing"));
    }

    [Fact]
    public async Task Compressed_calls_both_ways_arrive_unchanged()
    {
        await using var server = await TestServer.StartAsync(options => options.GzipResponsesFromBytes = 0);
        using var client = new TestClient(server.RpcAddress, new RpcChannelOptions { GzipRequestsFromBytes = 0 });
        foreach (var text in new[] { "", "short", string.Concat(Enumerable.Repeat("again and ", 50_000)) })
        {
            Assert.Equal(text, await client.EchoAsync(text));
        }
    }

    [Fact]
    public async Task Messages_above_the_channels_limit_are_refused_before_and_after_the_wire()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress, new RpcChannelOptions { MaxMessageBytes = 1000 });
        var sending = await TestClient.TransportFailureAsync(() => client.EchoAsync(new string('x', 1001)));
        Assert.Equal((StatusCode.ResourceExhausted, false), (sending.StatusCode, sending.RequestSent));
        var receiving = await TestClient.TransportFailureAsync(() => client.Stub.EchoAsync(new EchoRequest { ResponseBytes = 1001 }).ResponseAsync);
        Assert.Equal((StatusCode.ResourceExhausted, true), (receiving.StatusCode, receiving.RequestSent));
        Assert.Equal(1, server.Service.Served);
    }

    [Fact]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        await client.EchoAsync("a connection is there");
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2);
        var failure = await TestClient.TransportFailureAsync(() => client.Stub.HangAsync(new EchoRequest(), deadline: deadline).ResponseAsync);
        Assert.Equal((StatusCode.DeadlineExceeded, true), (failure.StatusCode, failure.RequestSent));
        Assert.Equal("cancelled", await Eventually.Within(server.Service.HangEnded.Task));
        await server.NoCallInFlightAsync();
    }

    [Fact]
    public async Task A_call_whose_deadline_has_passed_is_never_sent()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        var failure = await TestClient.TransportFailureAsync(() => client.Stub.EchoAsync(new EchoRequest(), deadline: DateTime.UnixEpoch).ResponseAsync);
        Assert.Equal((StatusCode.DeadlineExceeded, false), (failure.StatusCode, failure.RequestSent));
        Assert.Equal(0, server.Service.Served);
    }

    [Fact]
    public async Task Cancelling_ends_the_call_on_both_sides()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        using var cancel = new CancellationTokenSource();
        var call = client.Stub.HangAsync(new EchoRequest(), cancellationToken: cancel.Token);
        await Eventually.Within(server.Service.HangBegan.Task);
        await cancel.CancelAsync();
        var failure = await TestClient.TransportFailureAsync(() => call.ResponseAsync);
        Assert.Equal((StatusCode.Cancelled, true), (failure.StatusCode, failure.RequestSent));
        Assert.Equal("cancelled", await Eventually.Within(server.Service.HangEnded.Task));
    }

    [Fact]
    public async Task Closing_the_channel_gives_calls_in_flight_up()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        var call = client.Stub.HangAsync(new EchoRequest());
        await Eventually.Within(server.Service.HangBegan.Task);
        await client.Channel.ShutdownAsync();
        Assert.Equal(StatusCode.Cancelled, (await TestClient.FailureAsync(() => call.ResponseAsync)).StatusCode);
        await server.NoCallInFlightAsync();
    }

    [Fact]
    public async Task A_request_without_a_server_was_surely_not_sent()
    {
        var nobody = RawListener.Nobody();
        using var client = new TestClient(nobody);
        var failure = await TestClient.TransportFailureAsync(() => client.EchoAsync("?"));
        Assert.Equal((StatusCode.Unavailable, false), (failure.StatusCode, failure.RequestSent));
        Assert.Equal(nobody, failure.Address);
        Assert.Contains(nobody, failure.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("refused", failure.Status.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_request_that_met_silence_may_have_been_done()
    {
        await using var silent = RawListener.Silent();
        using var client = new TestClient(silent.Address, new RpcChannelOptions { DefaultTimeout = TimeSpan.FromSeconds(2) });
        var failure = await TestClient.TransportFailureAsync(() => client.EchoAsync("?"));
        Assert.Equal((StatusCode.DeadlineExceeded, true), (failure.StatusCode, failure.RequestSent));
    }

    [Fact]
    public async Task A_request_whose_connection_broke_may_have_been_done_and_is_not_repeated()
    {
        await using var broken = RawListener.ReadsAndCuts();
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient($"{broken.Address},{server.RpcAddress}");
        var failure = await TestClient.TransportFailureAsync(() => client.EchoAsync("once"));
        Assert.Equal((StatusCode.Unavailable, true), (failure.StatusCode, failure.RequestSent));
        Assert.Equal(1, broken.Connections);
        Assert.Equal(0, server.Service.Served);
        // The next call goes elsewhere.
        Assert.Equal("twice", await client.EchoAsync("twice"));
    }

    [Fact]
    public async Task A_call_that_may_be_repeated_is_repeated_at_the_next_address()
    {
        await using var broken = RawListener.ReadsAndCuts();
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(
            $"{broken.Address},{server.RpcAddress}",
            new RpcChannelOptions { IsIdempotent = method => method.Name == "Echo" });
        Assert.Equal("again", await client.EchoAsync("again"));
        Assert.Equal((1, 1), (broken.Connections, server.Service.Served));
    }

    [Fact]
    public async Task A_dropped_connection_is_an_unknown_outcome()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        var failure = await TestClient.TransportFailureAsync(() => client.Stub.ThrowAsync(new EchoRequest { Text = "drop" }).ResponseAsync);
        Assert.True(failure.RequestSent);
        Assert.Equal("next", await client.EchoAsync("next"));
    }

    [Fact]
    public async Task Http_503_without_a_status_is_unavailable()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        var failure = await TestClient.TransportFailureAsync(() => client.Stub.ThrowAsync(new EchoRequest { Text = "503" }).ResponseAsync);
        Assert.Equal((StatusCode.Unavailable, true), (failure.StatusCode, failure.RequestSent));
        Assert.Contains("HTTP 503", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_go_to_the_first_address_that_answers_and_stay_there()
    {
        await using var first = await TestServer.StartAsync();
        await using var second = await TestServer.StartAsync();
        using var client = new TestClient($"{RawListener.Nobody()},{second.RpcAddress},{first.RpcAddress}");
        for (var i = 0; i < 20; i++)
        {
            await client.EchoAsync("sticky");
        }

        Assert.Equal((0, 20), (first.Service.Served, second.Service.Served));
        Assert.Equal(second.RpcAddress, client.Channel.CurrentAddress);
        await second.DisposeAsync();
        // The connection that this call finds broken may or may not have carried it; the ones after it have a server.
        await Eventually.TrueAsync(
            async () =>
            {
                await TryEcho(client);
                return first.Service.Served > 0;
            },
            "the other server takes the calls");
        Assert.Equal(first.RpcAddress, client.Channel.CurrentAddress);
    }

    [Fact]
    public async Task A_servers_own_unavailable_sends_the_next_call_elsewhere_but_not_this_one()
    {
        await using var standby = await TestServer.StartAsync();
        await using var leader = await TestServer.StartAsync();
        using var client = new TestClient($"{standby.RpcAddress},{leader.RpcAddress}");
        var failure = await TestClient.FailureAsync(() => client.Stub.FailAsync(new FailRequest { Code = (int)StatusCode.Unavailable, Detail = "standby" }).ResponseAsync);
        Assert.Equal("standby", failure.Status.Detail);
        await client.EchoAsync("go");
        Assert.Equal((0, 1), (standby.Service.Served, leader.Service.Served));
    }

    [Fact]
    public async Task A_waiting_call_gets_through_once_a_server_is_there()
    {
        var address = RawListener.Nobody();
        using var client = new TestClient(
            address,
            new RpcChannelOptions
            {
                DefaultTimeout = TimeSpan.FromSeconds(30),
                BackoffMin = TimeSpan.FromMilliseconds(20),
                BackoffMax = TimeSpan.FromMilliseconds(50),
            });
        var waiting = client.Stub.EchoAsync(new EchoRequest { Text = "patient" }, new CallOptions().WithWaitForReady()).ResponseAsync;
        await TestClient.TransportFailureAsync(() => client.EchoAsync("impatient"));
        Assert.False(waiting.IsCompleted);
        await using var server = await TestServer.StartAsync(port: int.Parse(address.Split(':')[1]));
        Assert.Equal("patient", (await waiting).Text);
    }

    [Fact]
    public async Task A_waiting_call_ends_at_its_deadline_and_says_why_it_waited()
    {
        using var client = new TestClient(
            RawListener.Nobody(),
            new RpcChannelOptions { WaitForReady = true, DefaultTimeout = TimeSpan.FromMilliseconds(400), BackoffMin = TimeSpan.FromMilliseconds(20) });
        var failure = await TestClient.TransportFailureAsync(() => client.EchoAsync("?"));
        Assert.Equal((StatusCode.DeadlineExceeded, false), (failure.StatusCode, failure.RequestSent));
        Assert.Contains("refused", failure.Status.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("")]
    public async Task Something_that_is_no_gRPC_server_is_an_error_and_no_hang(string greeting)
    {
        await using var other = new RawListener(async (stream, stop) =>
        {
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(greeting), stop);
        });
        using var client = new TestClient(other.Address);
        var failure = await TestClient.TransportFailureAsync(() => client.EchoAsync("?"));
        Assert.Contains(failure.StatusCode, new[] { StatusCode.Unavailable, StatusCode.Internal });
    }

    [Theory]
    [InlineData("")]
    [InlineData("cuebot")]
    [InlineData("ftp://cuebot:8443")]
    [InlineData("http://cuebot")]
    [InlineData("http://cuebot:8443/path")]
    [InlineData("cuebot:port")]
    public void An_address_without_host_and_port_is_refused(string address) =>
        Assert.Throws<ArgumentException>(() => new RpcChannel(address));

    [Theory]
    [InlineData("cuebot:8443", "cuebot:8443")]
    [InlineData("[::1]:8443", "[::1]:8443")]
    [InlineData(" a:1 , https://b:2/", "a:1,b:2")]
    public void Addresses_are_host_and_port_with_or_without_scheme(string address, string target)
    {
        using var channel = new RpcChannel(address);
        Assert.Equal(target, channel.Target);
    }

    [Fact]
    public async Task Channels_can_share_their_connections()
    {
        await using var server = await TestServer.StartAsync();
        using var transport = new RpcTransport();
        var options = new RpcChannelOptions { Transport = transport };
        using (var one = new TestClient(server.RpcAddress, options))
        {
            await one.EchoAsync("one");
        }

        using var two = new TestClient(server.RpcAddress, options);
        Assert.Equal("two", await two.EchoAsync("two"));
    }

    private static async Task TryEcho(TestClient client)
    {
        try
        {
            await client.EchoAsync("try");
        }
        catch (RpcException)
        {
        }
    }
}
