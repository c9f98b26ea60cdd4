using Grpc.Core;

namespace OpenCue.Rpc.Wire;

/// <summary>
/// Bounds the memory that half-received messages hold together. A single message is bounded by its own limit, but a
/// thousand streams, each just below it, would be a hundred gigabytes.
/// </summary>
internal sealed class MessageBudget(long limit)
{
    // Small messages are not worth an interlocked operation; the number of streams bounds them.
    private const long Step = 1024 * 1024;

    private long _held;

    /// <summary>What is held now, in bytes.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>Raises what one message holds to at least <paramref name="wanted"/> bytes.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: all messages together would hold too much.</exception>
    public void Hold(ref long held, long wanted)
    {
        if (wanted < Step || wanted <= held)
        {
            return;
        }

        var more = ((wanted / Step) + 1) * Step - held;
        if (Interlocked.Add(ref _held, more) > limit)
        {
            Interlocked.Add(ref _held, -more);
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted,
                $"The server holds as many large requests as it may ({limit} bytes, MaxBufferedBytes); send this one again later."));
        }

        held += more;
    }

    /// <summary>Gives back what one message held.</summary>
    public void Release(long held)
    {
        if (held > 0)
        {
            Interlocked.Add(ref _held, -held);
        }
    }
}
