using System.Diagnostics.CodeAnalysis;
using Grpc.Core;
using OpenCue.Rpc.Client;
using OpenCue.Rpc.Server;
using OpenCue.Rpc.Tests.Protos;

namespace OpenCue.Rpc.Tests;

/// <summary>What a server does with exceptions, with its end, and what it tells of itself.</summary>
public sealed class ServerTests
{
    [Fact]
    public async Task The_mapper_decides_the_status_of_exceptions_it_knows()
    {
        await using var server = await TestServer.StartAsync(mapper: new NotFoundMapper());
        using var client = new TestClient(server.RpcAddress);
        var known = await TestClient.FailureAsync(() => client.Stub.ThrowAsync(new EchoRequest { Text = "unknown-name" }).ResponseAsync);
        Assert.Equal((StatusCode.NotFound, "no such thing (asked by ipv4)"), (known.StatusCode, known.Status.Detail));
        Assert.Empty(server.Errors);
        var unknown = await TestClient.FailureAsync(() => client.Stub.ThrowAsync(new EchoRequest { Text = "a defect" }).ResponseAsync);
        Assert.Equal((StatusCode.Internal, "a defect"), (unknown.StatusCode, unknown.Status.Detail));
        Assert.Contains("a defect", Assert.Single(server.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancellation_inside_of_a_method_is_cancelled()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        var failure = await TestClient.FailureAsync(() => client.Stub.ThrowAsync(new EchoRequest { Text = "cancelled" }).ResponseAsync);
        Assert.Equal((StatusCode.Cancelled, "inner work was given up"), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task A_dropped_connection_reaches_grpcio_as_unavailable() => await GrpcioAsync("drop");

    [Fact]
    public async Task A_dropped_connection_takes_the_other_calls_on_it_along()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        var other = client.Stub.HangAsync(new EchoRequest()).ResponseAsync;
        await Eventually.Within(server.Service.HangBegan.Task);
        var dropped = await TestClient.TransportFailureAsync(() => client.Stub.ThrowAsync(new EchoRequest { Text = "drop" }).ResponseAsync);
        Assert.DoesNotContain("HTTP", dropped.Status.Detail, StringComparison.Ordinal);
        await TestClient.TransportFailureAsync(() => Eventually.Within(other));
    }

    [Fact]
    public async Task Http_503_reaches_grpcio_as_unavailable() => await GrpcioAsync("unavailable");

    [Fact]
    public async Task A_call_in_flight_is_finished_while_the_server_stops_and_a_later_one_is_not_begun()
    {
        await using var server = await TestServer.StartAsync();
        var client = Grpcio.RunAsync("stopping", server);
        await Task.WhenAny(client, server.Service.HangBegan.Task);
        var stop = server.StopAsync();
        Assert.False(stop.IsCompleted);
        server.Service.Release();
        await Eventually.Within(stop);
        await client;
    }

    [Fact]
    public async Task A_call_that_outlasts_the_grace_is_cut()
    {
        await using var server = await TestServer.StartAsync(options => options.ShutdownGrace = TimeSpan.FromMilliseconds(200));
        using var client = new TestClient(server.RpcAddress);
        var call = client.Stub.HangAsync(new EchoRequest()).ResponseAsync;
        await Eventually.Within(server.Service.HangBegan.Task);
        await Eventually.Within(server.StopAsync());
        Assert.True((await TestClient.TransportFailureAsync(() => call)).RequestSent);
        Assert.Equal("cancelled", await Eventually.Within(server.Service.HangEnded.Task));
    }

    [Fact]
    public async Task A_stopping_server_serves_refuses_or_drops_as_its_options_say()
    {
        await using var server = await TestServer.StartAsync(options => options.WhileStopping = method => method.Name switch
        {
            "Echo" => RpcWhileStopping.Serve,
            "Metadata" => RpcWhileStopping.DropConnection,
            _ => RpcWhileStopping.Unavailable,
        });
        using var client = new TestClient(server.RpcAddress);
        server.Rpc.BeginStopping();
        Assert.Equal("served", await client.EchoAsync("served"));
        var refused = await TestClient.FailureAsync(() => client.Stub.FailAsync(new FailRequest { Code = 5 }).ResponseAsync);
        Assert.IsNotType<RpcTransportException>(refused);
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        await TestClient.TransportFailureAsync(() => client.Stub.MetadataAsync(new EchoRequest()).ResponseAsync);
    }

    [Fact]
    public async Task Health_can_be_set_and_watched()
    {
        await using var server = await TestServer.StartAsync();
        var watching = Grpcio.RunAsync("health", server);
        // grpcio echoes each status that it hears, so the next one is set only then.
        await HeardAsync("SERVICE_UNKNOWN");
        server.Health.Set("switch", RpcServingStatus.Serving);
        await HeardAsync("SERVING");
        server.Health.Set("other", RpcServingStatus.Serving);
        server.Health.Set("switch", RpcServingStatus.NotServing);
        await watching;
        Assert.Equal(1, server.Service.Echoed["SERVING"]);

        Task HeardAsync(string status) => Eventually.TrueAsync(
            () => watching.IsCompleted || server.Service.Echoed.ContainsKey(status), $"grpcio has heard {status}");
    }

    [Fact]
    public async Task Nothing_is_serving_once_the_server_stops()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(RpcServingStatus.Serving, server.Health.Find(""));
        server.Rpc.BeginStopping();
        Assert.Equal(RpcServingStatus.NotServing, server.Health.Find(""));
        Assert.Null(server.Health.Find("nobody"));
    }

    [Fact]
    public async Task Each_call_is_told_to_the_callback_with_its_status()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new TestClient(server.RpcAddress);
        await client.EchoAsync("good");
        await TestClient.FailureAsync(() => client.Stub.FailAsync(new FailRequest { Code = 7 }).ResponseAsync);
        await TestClient.FailureAsync(() => client.Stub.ThrowAsync(new EchoRequest { Text = "drop" }).ResponseAsync);
        await server.NoCallInFlightAsync();
        Assert.Equal(
            [("Echo", StatusCode.OK), ("Fail", StatusCode.PermissionDenied), ("Throw", StatusCode.Cancelled)],
            server.Ended.Select(end => (end.Method.Name, end.Status.StatusCode)));
        Assert.All(server.Ended, end => Assert.Equal("rpctest.TestInterface", end.Method.ServiceName));
    }

    [Fact]
    public async Task A_failing_callback_does_not_fail_the_call()
    {
        await using var server = await TestServer.StartAsync(options => options.CallEnded = _ => throw new InvalidOperationException("broken meter"));
        using var client = new TestClient(server.RpcAddress);
        Assert.Equal("fine", await client.EchoAsync("fine"));
        await Eventually.TrueAsync(() => server.Errors.Count == 1, "the failure is logged");
    }

    [Fact]
    public async Task The_server_lists_its_methods_and_which_of_them_have_code()
    {
        await using var server = await TestServer.StartAsync();
        var methods = server.Rpc.Methods.Where(method => method.ServiceName == "rpctest.TestInterface").ToList();
        Assert.Equal(["/rpctest.TestInterface/Missing"], methods.Where(method => !method.IsImplemented).Select(method => method.FullName));
        Assert.Equal(9, methods.Count);
        Assert.Contains(server.Rpc.Methods, method => method.FullName == "/grpc.health.v1.Health/Watch" && method.IsImplemented);
    }

    [Fact]
    public async Task All_wrong_options_are_reported_together()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => TestServer.StartAsync(options =>
        {
            options.MaxMessageBytes = 0;
            options.AllowedOrigins.Add("cue.example.com");
        }));
        Assert.Contains("MaxMessageBytes", failure.Message, StringComparison.Ordinal);
        Assert.Contains("\"cue.example.com\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_requests_that_are_not_whole_yet_share_a_bound()
    {
        const int MiB = 1024 * 1024;
        await using var server = await TestServer.StartAsync(options =>
        {
            options.MaxMessageBytes = 8 * MiB;
            options.MaxBufferedBytes = 10 * MiB;
        });
        using var transport = new HttpMessageInvoker(new SocketsHttpHandler());
        using var first = new PausedRequest(server, 8 * MiB);
        using var second = new PausedRequest(server, 8 * MiB);
        var answer = first.SendAsync(transport);
        // Held in steps of a mebibyte, and the prefix is a part of it.
        await Eventually.TrueAsync(() => server.Rpc.BufferedBytes == 9 * MiB, "all of the first request but its last byte is held");
        using var refused = await Eventually.Within(second.SendAsync(transport));
        Assert.Equal("8", Assert.Single(refused.Headers.GetValues("grpc-status")));
        first.Finish();
        using var accepted = await Eventually.Within(answer);
        Assert.Equal(["0"], await TrailersAsync(accepted));
        await server.NoCallInFlightAsync();
        Assert.Equal(0, server.Rpc.BufferedBytes);
    }

    private static async Task<IEnumerable<string>> TrailersAsync(HttpResponseMessage response)
    {
        await response.Content.ReadAsByteArrayAsync();
        return response.TrailingHeaders.TryGetValues("grpc-status", out var values) ? values : response.Headers.GetValues("grpc-status");
    }

    private static async Task GrpcioAsync(string scenario)
    {
        await using var server = await TestServer.StartAsync();
        await Grpcio.RunAsync(scenario, server);
        await server.NoCallInFlightAsync();
        Assert.Empty(server.Errors);
    }

    private sealed class NotFoundMapper : IRpcExceptionMapper
    {
        public Status? Map(Exception exception, ServerCallContext context) =>
            exception is KeyNotFoundException
                ? new Status(StatusCode.NotFound, $"{exception.Message} (asked by {context.Peer.Split(':')[0]})")
                : null;
    }

    /// <summary>A request of zeros that stops one byte before its end.</summary>
    [SuppressMessage("Design", "CA2213", Justification = "The request owns its content.")]
    private sealed class PausedRequest : HttpContent
    {
        private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly string _uri;
        private readonly int _length;

        public PausedRequest(TestServer server, int length)
        {
            _uri = $"http://{server.RpcAddress}/rpctest.TestInterface/Echo";
            _length = length;
            Headers.ContentType = new("application/grpc");
        }

        public Task<HttpResponseMessage> SendAsync(HttpMessageInvoker transport) => transport.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, _uri)
            {
                Version = System.Net.HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = this,
            },
            CancellationToken.None);

        public void Finish() => _finish.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            // One field of bytes that fills the message.
            var frame = new byte[5 + _length];
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), _length);
            frame[5] = 0x12;
            using var varint = new MemoryStream();
            using (var coded = new Google.Protobuf.CodedOutputStream(varint, leaveOpen: true))
            {
                coded.WriteLength(_length - 1 - 4);
            }

            varint.ToArray().CopyTo(frame, 6);
            await stream.WriteAsync(frame.AsMemory(0, frame.Length - 1));
            await stream.FlushAsync();
            await _finish.Task;
            await stream.WriteAsync(frame.AsMemory(frame.Length - 1));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
