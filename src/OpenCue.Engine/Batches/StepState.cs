namespace OpenCue.Engine.Batches;

/// <summary>A step and whether it is its turn.</summary>
internal sealed class StepState(IBatchStep step)
{
    public IBatchStep Step { get; } = step;

    /// <summary>True if it has to run: something changed, or it said that it has more to do.</summary>
    public bool IsDue { get; set; } = true;

    /// <summary>True if it has more to do once sinks have taken effects or events.</summary>
    public bool WaitsForSinks { get; set; }

    /// <summary>Timestamp until which it rests because it failed; 0 if it does not.</summary>
    public long RestsUntil { get; set; }
}
