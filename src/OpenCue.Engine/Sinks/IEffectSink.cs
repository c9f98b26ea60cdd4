using OpenCue.Farm;
using OpenCue.Farm.Changes;

namespace OpenCue.Engine.Sinks;

/// <summary>Takes the effects of durable batches and brings them into the world.</summary>
public interface IEffectSink
{
    /// <summary>Effects taken but not sent yet. Steps stop making more when there are too many.</summary>
    int Backlog { get; }

    /// <summary>
    /// Takes the effects of one batch. Called for one batch at a time, in order, after it is durable, on no thread that matters: a sink that is
    /// slow delays later effects only. When the engine is driven by hand, it must complete at once.
    /// </summary>
    /// <remarks>What it throws is logged, and the next batch comes with <see cref="EffectBatch.Resync"/>.</remarks>
    ValueTask DeliverAsync(EffectBatch batch, CancellationToken cancel);
}

/// <summary>The effects of one durable batch, in the order in which rules asked for them.</summary>
/// <param name="Sequence">Number of the batch.</param>
/// <param name="Time">When it was applied.</param>
/// <param name="Effects">What to do.</param>
/// <param name="Resync">
/// True after the farm was loaded, and when effects were dropped because the sink did not keep up: what there is to do must be found from the
/// farm itself (effects are only hints). Comes before the effects of this batch.
/// </param>
public sealed record EffectBatch(long Sequence, FarmTime Time, IReadOnlyList<Effect> Effects, bool Resync);
