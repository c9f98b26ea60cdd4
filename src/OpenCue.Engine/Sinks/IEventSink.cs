using OpenCue.Farm;
using OpenCue.Farm.Changes;

namespace OpenCue.Engine.Sinks;

/// <summary>Takes what happened in durable batches: for pushed updates, metrics, the audit log.</summary>
public interface IEventSink
{
    /// <summary>
    /// True for what the sink takes. The rest is not handed over and does not count among what waits for it. Asked for each event, on any thread.
    /// </summary>
    bool Wants(FarmEventKind kind);

    /// <summary>
    /// Takes the events of one batch. Called for one batch at a time, in order, after it is durable, on no thread that matters: a sink that is slow
    /// delays later events only. When the engine is driven by hand, it must complete at once.
    /// </summary>
    ValueTask DeliverAsync(EventBatch batch, CancellationToken cancel);
}

/// <summary>What happened in one durable batch, in order.</summary>
/// <param name="Sequence">Number of the batch.</param>
/// <param name="Time">When it was applied.</param>
/// <param name="Events">What happened.</param>
/// <param name="Gap">True if events before these were dropped because the sink did not keep up, or because the farm was loaded.</param>
public sealed record EventBatch(long Sequence, FarmTime Time, IReadOnlyList<FarmEvent> Events, bool Gap);
