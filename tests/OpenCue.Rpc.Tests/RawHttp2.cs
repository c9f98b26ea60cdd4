using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace OpenCue.Rpc.Tests;

/// <summary>Writes HTTP/2 frames by hand, so that they can be wrong.</summary>
internal sealed class RawHttp2 : IDisposable
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte EndStream = 1;
    public const byte EndHeaders = 4;

    private readonly TcpClient _client = new();
    private readonly byte[] _answer = new byte[4096];

    public static async Task<RawHttp2> ConnectAsync(int port)
    {
        var raw = new RawHttp2();
        await raw._client.ConnectAsync("127.0.0.1", port);
        return raw;
    }

    public Task WriteAsync(byte[] bytes) => _client.GetStream().WriteAsync(bytes).AsTask();

    public async Task OpenAsync()
    {
        await WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await FrameAsync(Settings, 0, 0, []);
    }

    public Task FrameAsync(byte type, byte flags, int stream, byte[] payload, int? claimedLength = null)
    {
        var frame = new byte[9 + payload.Length];
        var length = claimedLength ?? payload.Length;
        frame[0] = (byte)(length >> 16);
        frame[1] = (byte)(length >> 8);
        frame[2] = (byte)length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return WriteAsync(frame);
    }

    /// <summary>The headers of a gRPC call, each a literal that is not indexed.</summary>
    public Task CallAsync(int stream, string method, params (string Name, string Value)[] more)
    {
        var block = new List<byte>();
        foreach (var (name, value) in new[]
                 {
                     (":method", "POST"), (":scheme", "http"), (":path", "/rpctest.TestInterface/" + method), (":authority", "test"),
                     ("content-type", "application/grpc"), ("te", "trailers"),
                 }.Concat(more))
        {
            block.Add(0);
            block.Add((byte)name.Length);
            block.AddRange(Encoding.ASCII.GetBytes(name));
            block.Add((byte)value.Length);
            block.AddRange(Encoding.ASCII.GetBytes(value));
        }

        return FrameAsync(Headers, EndHeaders, stream, [.. block]);
    }

    /// <summary>Reads until the server closes the connection.</summary>
    public async Task UntilClosedAsync()
    {
        try
        {
            while (await _client.GetStream().ReadAsync(_answer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
    }

    public void Dispose() => _client.Dispose();
}
