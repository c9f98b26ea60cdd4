using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller reads one message from. The bytes are valid only while the marshaller runs.</summary>
public abstract class DeserializationContext
{
    /// <summary>The length of the message in bytes.</summary>
    public abstract int PayloadLength { get; }

    /// <summary>The message as an array of its own.</summary>
    public virtual byte[] PayloadAsNewBuffer() => PayloadAsReadOnlySequence().ToArray();

    /// <summary>The message where it lies, without a copy.</summary>
    public virtual ReadOnlySequence<byte> PayloadAsReadOnlySequence() =>
        throw new NotSupportedException($"{GetType().Name} holds no sequence of bytes.");
}
