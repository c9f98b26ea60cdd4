using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;
using Grpc.Core;

namespace OpenCue.Rpc.Wire;

/// <summary>Reads prefixed messages from a pipe. Every way in which bytes can be wrong ends in an <see cref="RpcException"/>.</summary>
/// <param name="pipe">Where the bytes come from.</param>
/// <param name="what">"request" or "response", for errors.</param>
/// <param name="encoding">The encoding that the other side named for compressed messages, or null.</param>
/// <param name="limit">The most bytes a message may have, compressed or not.</param>
/// <param name="budget">Bounds what all calls together hold of messages that are not whole yet.</param>
internal sealed class MessageReader(PipeReader pipe, string what, string? encoding, int limit, MessageBudget? budget)
{
    /// <summary>Reads the one message of a stream that must hold exactly one, and waits for the end of the stream.</summary>
    /// <returns>Null when the stream holds none.</returns>
    public ValueTask<T?> ReadOnlyAsync<T>(Marshaller<T> marshaller, CancellationToken cancellationToken = default)
        where T : class => ReadAsync(marshaller, only: true, cancellationToken);

    /// <summary>Reads the next message.</summary>
    /// <returns>Null at the end of the stream.</returns>
    public ValueTask<T?> ReadNextAsync<T>(Marshaller<T> marshaller, CancellationToken cancellationToken = default)
        where T : class => ReadAsync(marshaller, only: false, cancellationToken);

    private async ValueTask<T?> ReadAsync<T>(Marshaller<T> marshaller, bool only, CancellationToken cancellationToken)
        where T : class
    {
        long held = 0;
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (read.IsCanceled)
                {
                    throw new OperationCanceledException("Reading was given up.");
                }

                var buffer = read.Buffer;
                var consumed = buffer.End;
                var examined = buffer.End;
                try
                {
                    if (buffer.Length >= WireNames.PrefixLength)
                    {
                        var (compressed, length) = ParsePrefix(buffer);
                        var end = WireNames.PrefixLength + length;
                        if (only && buffer.Length > end)
                        {
                            throw Unexpected(StatusCode.Unimplemented, $"This method takes exactly one {what} message; more came.");
                        }

                        if (buffer.Length >= end && (!only || read.IsCompleted))
                        {
                            consumed = examined = buffer.GetPosition(end);
                            return Deserialize(marshaller, buffer.Slice(WireNames.PrefixLength, length), compressed);
                        }
                    }

                    if (read.IsCompleted)
                    {
                        return buffer.IsEmpty ? null : throw Cut(buffer);
                    }

                    consumed = buffer.Start;
                    budget?.Hold(ref held, buffer.Length);
                }
                finally
                {
                    pipe.AdvanceTo(consumed, examined);
                }
            }
        }
        finally
        {
            budget?.Release(held);
        }
    }

    private (bool Compressed, long Length) ParsePrefix(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> prefix = stackalloc byte[WireNames.PrefixLength];
        buffer.Slice(0, WireNames.PrefixLength).CopyTo(prefix);
        var flags = prefix[0];
        long length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (flags > WireNames.CompressedFlag)
        {
            throw Unexpected(StatusCode.Internal, $"The {what} is no gRPC message: its first byte is {flags}, only 0 and 1 have a meaning.");
        }

        if (flags == WireNames.CompressedFlag && encoding != WireNames.Gzip)
        {
            throw Unexpected(StatusCode.Internal, $"The {what} says that it is compressed, but {WireNames.Encoding} names no compression.");
        }

        if (length > limit)
        {
            throw Unexpected(
                StatusCode.ResourceExhausted,
                $"The {what} has {length} bytes, more than the {limit} that MaxMessageBytes allows.");
        }

        return (flags == WireNames.CompressedFlag, length);
    }

    /// <summary>Lets a marshaller read a message where its bytes lie.</summary>
    public static T Deserialize<T>(Marshaller<T> marshaller, in ReadOnlySequence<byte> payload) =>
        PayloadContext.Deserialize(marshaller, payload);

    private T Deserialize<T>(Marshaller<T> marshaller, in ReadOnlySequence<byte> payload, bool compressed)
    {
        if (!compressed)
        {
            return Parse(marshaller, payload);
        }

        using var expanded = new PooledBuffer();
        bool fits;
        try
        {
            fits = GzipCodec.TryDecompress(payload, limit, expanded);
        }
        catch (InvalidDataException e)
        {
            throw Unexpected(StatusCode.Internal, $"The {what} says that it is gzip, but cannot be expanded: {e.Message}", e);
        }

        return fits
            ? Parse(marshaller, new ReadOnlySequence<byte>(expanded.WrittenMemory))
            : throw Unexpected(
                StatusCode.ResourceExhausted,
                $"The {what} expands to more than the {limit} bytes that MaxMessageBytes allows.");
    }

    private T Parse<T>(Marshaller<T> marshaller, in ReadOnlySequence<byte> payload)
    {
        try
        {
            return Deserialize(marshaller, payload);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Unexpected(StatusCode.Internal, $"The {what} is no {typeof(T).Name}: {e.Message}", e);
        }
    }

    private RpcException Cut(in ReadOnlySequence<byte> buffer) =>
        Unexpected(
            StatusCode.Internal,
            buffer.Length < WireNames.PrefixLength
                ? $"The {what} ended inside of a message's prefix."
                : $"The {what} ended after {buffer.Length - WireNames.PrefixLength} of {ParsePrefix(buffer).Length} bytes.");

    private static RpcException Unexpected(StatusCode code, string detail, Exception? cause = null) =>
        new(new Status(code, detail, cause));

    private sealed class PayloadContext : DeserializationContext
    {
        [ThreadStatic]
        private static PayloadContext? _cached;

        private ReadOnlySequence<byte> _payload;

        public override int PayloadLength => checked((int)_payload.Length);

        public static T Deserialize<T>(Marshaller<T> marshaller, in ReadOnlySequence<byte> payload)
        {
            var context = _cached ?? new PayloadContext();
            _cached = null;
            context._payload = payload;
            try
            {
                return marshaller.ContextualDeserializer(context);
            }
            finally
            {
                context._payload = default;
                _cached = context;
            }
        }

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;
    }
}
