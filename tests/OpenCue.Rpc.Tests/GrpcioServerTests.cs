using Google.Protobuf;
using Grpc.Core;
using OpenCue.Rpc.Client;
using OpenCue.Rpc.Tests.Protos;

namespace OpenCue.Rpc.Tests;

/// <summary>Our client against a server that is not ours: OpenCue's Python agent is one on the same library.</summary>
public sealed class GrpcioServerTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("gzip")]
    public async Task Unary_calls_and_streams_are_answered(string compression)
    {
        await using var server = await Grpcio.StartServerAsync(compression);
        using var client = new TestClient(server.Address, new RpcChannelOptions { GzipRequestsFromBytes = compression == "gzip" ? 0 : null });
        foreach (var size in new[] { 0, 1, 1000, 1_000_000 })
        {
            var payload = ByteString.CopyFrom(new byte[size]);
            Assert.Equal(payload, (await client.Stub.EchoAsync(new EchoRequest { Payload = payload })).Payload);
        }

        using var call = client.Stub.Count(new CountRequest { UpTo = 300, PayloadBytes = 1000 });
        Assert.Equal("300", (await call.ResponseHeadersAsync).GetValue("counting-to"));
        var numbers = new List<int>();
        await foreach (var response in call.ResponseStream.ReadAllAsync())
        {
            numbers.Add(response.Number);
        }

        Assert.Equal(Enumerable.Range(1, 300), numbers);
    }

    [Fact]
    public async Task Every_status_arrives_with_detail_and_trailers()
    {
        await using var server = await Grpcio.StartServerAsync();
        using var client = new TestClient(server.Address);
        foreach (var code in Enum.GetValues<StatusCode>().Where(code => code != StatusCode.OK))
        {
            const string Detail = "50 % 日本 🎬\nzweite Zeile";
            var failure = await TestClient.FailureAsync(() => client.Stub.FailAsync(new FailRequest { Code = (int)code, Detail = Detail }).ResponseAsync);
            Assert.IsNotType<RpcTransportException>(failure);
            Assert.Equal((code, Detail), (failure.StatusCode, failure.Status.Detail));
            Assert.Equal(new byte[] { 0, 255, 7 }, failure.Trailers.GetValueBytes("why-bin"));
        }

        var missing = await TestClient.FailureAsync(() => client.Stub.MissingAsync(new EchoRequest()).ResponseAsync);
        Assert.Equal(StatusCode.Unimplemented, missing.StatusCode);
        var stream = await TestClient.FailureAsync(async () =>
        {
            using var call = client.Stub.Count(new CountRequest { UpTo = 5, FailAfter = 2 });
            while (await call.ResponseStream.MoveNext())
            {
            }
        });
        Assert.Equal((StatusCode.Aborted, "stopped at 2"), (stream.StatusCode, stream.Status.Detail));
    }

    [Fact]
    public async Task Metadata_and_deadline_reach_the_server()
    {
        await using var server = await Grpcio.StartServerAsync();
        using var client = new TestClient(server.Address);
        using var call = client.Stub.MetadataAsync(new EchoRequest(), new Metadata { { "x-run", "7" }, { "x-data-bin", [0, 200] } });
        var response = await call;
        Assert.Equal("7", response.Text["x-run"]);
        Assert.Equal(new byte[] { 0, 200 }, response.Binary["x-data-bin"].ToByteArray());
        Assert.StartsWith("opencue-dotnet/", response.Text["user-agent"], StringComparison.Ordinal);
        Assert.InRange(response.DeadlineInMs, 15_000, 30_000);
        Assert.Equal(new byte[] { 3, 200 }, (await call.ResponseHeadersAsync).GetValueBytes("leading-bin"));
    }

    [Fact]
    public async Task A_server_that_is_killed_while_it_works_leaves_the_outcome_unknown()
    {
        var server = await Grpcio.StartServerAsync();
        await using (server)
        {
            using var client = new TestClient(server.Address);
            Assert.Equal("there", await client.EchoAsync("there"));
            using var call = client.Stub.Count(new CountRequest { UpTo = int.MaxValue, PayloadBytes = 1000 });
            Assert.True(await call.ResponseStream.MoveNext());
            server.Kill();
            var failure = await TestClient.TransportFailureAsync(async () =>
            {
                while (await call.ResponseStream.MoveNext())
                {
                }
            });
            Assert.Equal((StatusCode.Unavailable, true), (failure.StatusCode, failure.RequestSent));
            var next = await TestClient.TransportFailureAsync(() => client.EchoAsync("gone"));
            Assert.Equal(StatusCode.Unavailable, next.StatusCode);
        }
    }
}
