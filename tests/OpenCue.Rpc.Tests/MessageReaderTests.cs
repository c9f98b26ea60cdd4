using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;
using Grpc.Core;
using OpenCue.Rpc.Tests.Protos;
using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Tests;

public sealed class MessageReaderTests
{
    private const int Limit = 10_000;

    private static readonly Marshaller<EchoRequest> Marshaller = Marshallers.Create(
        (message, context) => context.Complete(message.ToByteArray()),
        context => EchoRequest.Parser.ParseFrom(context.PayloadAsReadOnlySequence()));

    [Fact]
    public async Task Compressed_bytes_that_end_too_early_are_an_error_and_no_shorter_message()
    {
        var message = new EchoRequest { Text = new string('a', 5000), BigNumber = 7 };
        using var compressed = new PooledBuffer();
        GzipCodec.Compress(message.ToByteArray(), compressed);
        Assert.Equal(message, await ReadAsync(1, compressed.WrittenSpan.ToArray()));
        for (var length = 0; length < compressed.WrittenCount; length++)
        {
            var failure = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(1, compressed.WrittenSpan[..length].ToArray()));
            Assert.Equal(StatusCode.Internal, failure.StatusCode);
        }
    }

    [Fact]
    public async Task A_message_that_expands_to_exactly_the_limit_is_read_and_one_byte_more_is_not()
    {
        var filler = Limit - new EchoRequest { Text = new string('a', Limit) }.CalculateSize() + Limit;
        Assert.Equal(filler, (await ReadCompressedAsync(filler))!.Text.Length);
        var failure = await Assert.ThrowsAsync<RpcException>(() => ReadCompressedAsync(filler + 1));
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Theory]
    [InlineData(new byte[] { 2, 0, 0, 0, 0 }, StatusCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0, 0, 1 }, StatusCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0, 0 }, StatusCode.Internal)]
    [InlineData(new byte[] { 0, 255, 255, 255, 255 }, StatusCode.ResourceExhausted)]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0 }, StatusCode.Unimplemented)]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 255, 255 }, StatusCode.Internal)]
    [InlineData(new byte[] { 1, 0, 0, 0, 2, 255, 255 }, StatusCode.Internal)]
    public async Task Bytes_that_are_no_message_are_an_error(byte[] bytes, StatusCode code)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => ReadBytesAsync(bytes));
        Assert.Equal(code, failure.StatusCode);
    }

    [Fact]
    public async Task Nothing_at_all_is_no_message() => Assert.Null(await ReadBytesAsync([]));

    private static Task<EchoRequest?> ReadCompressedAsync(int textLength)
    {
        using var compressed = new PooledBuffer();
        GzipCodec.Compress(new EchoRequest { Text = new string('a', textLength) }.ToByteArray(), compressed);
        return ReadAsync(1, compressed.WrittenSpan.ToArray());
    }

    private static Task<EchoRequest?> ReadAsync(byte flags, byte[] payload)
    {
        var bytes = new byte[5 + payload.Length];
        bytes[0] = flags;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), payload.Length);
        payload.CopyTo(bytes, 5);
        return ReadBytesAsync(bytes);
    }

    private static async Task<EchoRequest?> ReadBytesAsync(byte[] bytes)
    {
        var pipe = PipeReader.Create(new ReadOnlySequence<byte>(bytes));
        return await new MessageReader(pipe, "request", "gzip", Limit, null).ReadOnlyAsync(Marshaller);
    }
}
