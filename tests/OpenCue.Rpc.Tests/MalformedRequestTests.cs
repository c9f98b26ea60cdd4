using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenCue.Rpc.Tests.Protos;

namespace OpenCue.Rpc.Tests;

/// <summary>Alone, because it looks at the memory of the process.</summary>
[CollectionDefinition(nameof(MalformedRequestTests), DisableParallelization = true)]
[Collection(nameof(MalformedRequestTests))]
public sealed class MalformedRequestTests
{
    private const int Seed = 20_261_121;
    private const int Limit = 64 * 1024;
    private const int MiB = 1024 * 1024;

    // Together ten thousand.
    private const int Framed = 6000;
    private const int Json = 1500;
    private const int Web = 1500;
    private const int Cut = 900;
    private const int Slow = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private int _connections;

    [Fact]
    public async Task Ten_thousand_malformed_requests_each_get_an_end_and_the_server_stays_as_it_was()
    {
        await using var server = await TestServer.StartAsync(options => options.MaxMessageBytes = Limit, Impatient);
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
        await SendAsync(server, http, Valid());
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var statuses = new ConcurrentDictionary<string, int>();
        var slow = Task.WhenAll(Enumerable.Range(0, Slow).Select(i => TrickleAsync(server, i)));
        await EachAsync(Framed, async random => Count(statuses, "grpc " + await SendAsync(server, http, MalformedFrame(random))));
        await EachAsync(Json, async random => Count(statuses, "json " + await SendJsonAsync(server, http, random)));
        await EachAsync(Web, async random => Count(statuses, "web " + await SendWebAsync(server, http, random)));
        await EachAsync(Cut, random => CutAsync(server, random));
        await Eventually.Within(slow);

        // Every kind of answer came, so the requests were as different as they should be.
        foreach (var expected in new[] { "grpc 0", "grpc 8", "grpc 12", "grpc 13", "json 200", "json 400", "json 429", "web 0", "web 8", "web 13" })
        {
            Assert.True(statuses.ContainsKey(expected), $"No request was answered {expected}: {string.Join(", ", statuses)}");
        }

        Assert.Empty(server.Errors);
        await server.NoCallInFlightAsync();
        Assert.Equal(0, server.Rpc.BufferedBytes);
        Assert.Equal("0", await SendAsync(server, http, Valid()));
        http.Dispose();
        await Eventually.TrueAsync(() => Volatile.Read(ref _connections) == 0, "all connections are closed");
        await Eventually.TrueAsync(
            () => GC.GetTotalMemory(forceFullCollection: true) - before < 64 * MiB,
            "the server holds no more than 64 MiB more than before");
    }

    private void Impatient(KestrelServerOptions kestrel)
    {
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, Patience + TimeSpan.FromMilliseconds(1));
        kestrel.Limits.RequestHeadersTimeout = Patience;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(10);
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => async connection =>
        {
            Interlocked.Increment(ref _connections);
            try
            {
                await next(connection);
            }
            finally
            {
                Interlocked.Decrement(ref _connections);
            }
        }));
    }

    private static Task EachAsync(int count, Func<Random, Task> send) => Parallel.ForEachAsync(
        Enumerable.Range(0, count),
        new ParallelOptions { MaxDegreeOfParallelism = 16 },
        async (i, _) => await Eventually.Within(send(new Random(Seed + i))));

    private static void Count(ConcurrentDictionary<string, int> statuses, string status) => statuses.AddOrUpdate(status, 1, (_, count) => count + 1);

    private static byte[] Valid()
    {
        var body = new EchoRequest { Text = "valid", Payload = ByteString.CopyFrom(new byte[100]), BigNumber = -1 }.ToByteArray();
        return Frame(0, body, body.Length);
    }

    private static byte[] Frame(byte flags, byte[] payload, long claimedLength)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)claimedLength);
        payload.CopyTo(frame, 5);
        return frame;
    }

    private static byte[] MalformedFrame(Random random)
    {
        var valid = Valid();
        var noise = new byte[random.Next(0, 2000)];
        random.NextBytes(noise);
        switch (random.Next(10))
        {
            case 0: // The length lies.
                BinaryPrimitives.WriteUInt32BigEndian(valid.AsSpan(1), (uint)random.NextInt64(uint.MaxValue));
                return valid;
            case 1: // Cut off.
                return valid[..random.Next(valid.Length)];
            case 2: // Too large, and truly so.
                return Frame(0, new byte[Limit + 1 + random.Next(1000)], Limit + 1 + random.Next(1000));
            case 3: // The protobuf is noise.
                return Frame(0, noise, noise.Length);
            case 4: // Says that it is compressed.
                return Frame(1, noise, noise.Length);
            case 5: // A first byte without meaning.
                return Frame((byte)random.Next(2, 256), noise, noise.Length);
            case 6: // Two messages where one is allowed, or one and something.
                return [.. valid, .. random.Next(2) == 0 ? valid : noise];
            case 7: // Noise from the first byte on.
                return noise;
            case 8: // One bit is wrong.
                valid[random.Next(valid.Length)] ^= (byte)(1 << random.Next(8));
                return valid;
            default: // Groups in groups in groups.
                var nested = new byte[random.Next(1, 30_000)];
                Array.Fill(nested, (byte)0x0b);
                return Frame(0, nested, nested.Length);
        }
    }

    private static async Task<string> SendAsync(TestServer server, HttpMessageInvoker http, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{server.RpcAddress}/rpctest.TestInterface/Echo")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        // Half of all claims to be compressed are made with an encoding named.
        if (body.Length % 2 == 0)
        {
            request.Headers.Add("grpc-encoding", "gzip");
        }

        using var response = await http.SendAsync(request, CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await response.Content.ReadAsByteArrayAsync();
        return Assert.Single(response.Headers.TryGetValues("grpc-status", out var early) ? early : response.TrailingHeaders.GetValues("grpc-status"));
    }

    private static async Task<string> SendJsonAsync(TestServer server, HttpMessageInvoker http, Random random)
    {
        const string Good = """{"text":"valid","payload":"AAAA","bigNumber":"5","mood":"ANGRY"}""";
        var noise = new byte[random.Next(0, 500)];
        random.NextBytes(noise);
        byte[] body = random.Next(6) switch
        {
            0 => Encoding.UTF8.GetBytes(Good[..random.Next(Good.Length)]),
            1 => noise,
            2 => Encoding.UTF8.GetBytes(new string('[', random.Next(1, 50_000))),
            3 => Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', Limit)}}"}"""),
            4 => Encoding.UTF8.GetBytes(Good.Replace("5", random.NextDouble() + "e" + random.Next(1000), StringComparison.Ordinal)),
            _ => Encoding.UTF8.GetBytes(Good.Remove(random.Next(Good.Length), 1)),
        };
        using var response = await PostWebAsync(server, http, body, "application/json");
        var answer = await response.Content.ReadAsStringAsync();
        Assert.StartsWith("{\"", answer, StringComparison.Ordinal);
        return ((int)response.StatusCode).ToString();
    }

    private static async Task<string> SendWebAsync(TestServer server, HttpMessageInvoker http, Random random)
    {
        var isText = random.Next(2) == 0;
        var body = MalformedFrame(random);
        if (isText)
        {
            var text = Encoding.ASCII.GetBytes(Convert.ToBase64String(body));
            body = random.Next(3) == 0 ? text[..random.Next(text.Length + 1)] : text;
        }

        using var response = await PostWebAsync(server, http, body, isText ? "application/grpc-web-text" : "application/grpc-web");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await response.Content.ReadAsByteArrayAsync();
        var end = Encoding.ASCII.GetString(isText ? Convert.FromBase64String(Encoding.ASCII.GetString(answer)) : answer);
        var status = end[(end.LastIndexOf("grpc-status: ", StringComparison.Ordinal) + 13)..];
        return status[..status.IndexOf('\r', StringComparison.Ordinal)];
    }

    private static async Task<HttpResponseMessage> PostWebAsync(TestServer server, HttpMessageInvoker http, byte[] body, string contentType)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(contentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{server.WebPort}/rpctest.TestInterface/Echo") { Content = content };
        var response = await http.SendAsync(request, CancellationToken.None);
        await response.Content.LoadIntoBufferAsync();
        return response;
    }

    /// <summary>A caller that vanishes, resets, or speaks HTTP/2 wrongly.</summary>
    private static async Task CutAsync(TestServer server, Random random)
    {
        using var raw = await RawHttp2.ConnectAsync(server.RpcPort);
        if (random.Next(10) == 0)
        {
            var noise = new byte[random.Next(1, 300)];
            random.NextBytes(noise);
            await raw.WriteAsync(noise);
            return;
        }

        var valid = Valid();
        await raw.OpenAsync();
        switch (random.Next(7))
        {
            case 0: // Gone after the headers.
                await raw.CallAsync(1, "Echo");
                return;
            case 1: // Gone in the middle of the message.
                await raw.CallAsync(1, "Echo");
                await raw.FrameAsync(RawHttp2.Data, 0, 1, valid[..random.Next(valid.Length)]);
                return;
            case 2: // Takes the call back.
                await raw.CallAsync(1, random.Next(2) == 0 ? "Echo" : "Hang");
                await raw.FrameAsync(RawHttp2.Data, (byte)random.Next(2), 1, valid);
                await raw.FrameAsync(RawHttp2.Reset, 0, 1, [0, 0, 0, 8]);
                return;
            case 3: // Leaves while the server works.
                await raw.CallAsync(1, "Hang");
                await raw.FrameAsync(RawHttp2.Data, RawHttp2.EndStream, 1, valid);
                return;
            case 4: // A frame that says it is longer than any may be.
                await raw.CallAsync(1, "Echo");
                await raw.FrameAsync(RawHttp2.Data, RawHttp2.EndStream, 1, valid, claimedLength: 0xffffff);
                break;
            case 5: // Headers that are no headers.
                var block = new byte[random.Next(1, 200)];
                random.NextBytes(block);
                block[0] = 0xff;
                await raw.FrameAsync(RawHttp2.Headers, RawHttp2.EndHeaders, 1, block);
                break;
            default: // Data for a stream that nobody opened.
                await raw.FrameAsync(RawHttp2.Data, 0, 7, valid);
                break;
        }

        // What is no HTTP/2 ends the connection, and the server ends it.
        await raw.UntilClosedAsync();
    }

    /// <summary>A caller that takes its time for ever; the server loses its patience.</summary>
    private static async Task TrickleAsync(TestServer server, int index)
    {
        var overHttp2 = index % 2 == 0;
        using var raw = await RawHttp2.ConnectAsync(overHttp2 ? server.RpcPort : server.WebPort);
        var closed = raw.UntilClosedAsync();
        try
        {
            if (overHttp2)
            {
                await raw.OpenAsync();
                await raw.CallAsync(1, "Echo");
            }
            else if (index % 4 == 1)
            {
                await raw.WriteAsync("POST /rpctest.TestInterface/Echo HTTP/1.1\r\n"u8.ToArray());
            }
            else
            {
                await raw.WriteAsync(
                    "POST /rpctest.TestInterface/Echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"u8.ToArray());
            }

            while (!closed.IsCompleted)
            {
                if (overHttp2)
                {
                    await raw.FrameAsync(RawHttp2.Data, 0, 1, [0]);
                }
                else
                {
                    await raw.WriteAsync("x"u8.ToArray());
                }

                await Task.WhenAny(closed, Task.Delay(100, CancellationToken.None));
            }
        }
        catch (IOException)
        {
            // Closed while this side was writing.
        }

        await closed;
    }
}
