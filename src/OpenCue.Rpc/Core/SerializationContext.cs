using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller writes one message.</summary>
public abstract class SerializationContext
{
    /// <summary>Ends the message with an array that holds all of it.</summary>
    /// <param name="payload">The serialised message; the caller must not change it afterwards.</param>
    public virtual void Complete(byte[] payload) =>
        throw new NotSupportedException($"{GetType().Name} takes no whole arrays.");

    /// <summary>Announces the length of the message before it is written to <see cref="GetBufferWriter"/>.</summary>
    /// <param name="payloadLength">The length in bytes; exactly as many must be written.</param>
    public virtual void SetPayloadLength(int payloadLength)
    {
    }

    /// <summary>The buffer to write the message to.</summary>
    public virtual IBufferWriter<byte> GetBufferWriter() =>
        throw new NotSupportedException($"{GetType().Name} has no buffer to write to.");

    /// <summary>Ends the message that was written to <see cref="GetBufferWriter"/>.</summary>
    public virtual void Complete() =>
        throw new NotSupportedException($"{GetType().Name} has no buffer to write to.");
}
