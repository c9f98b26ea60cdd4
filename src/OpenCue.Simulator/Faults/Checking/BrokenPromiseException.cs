namespace OpenCue.Simulator.Faults.Checking;

/// <summary>Something that must not happen has happened.</summary>
/// <param name="promise">Which promise was broken: P1 to P10, or a word for what is none of them.</param>
/// <param name="what">What happened.</param>
internal sealed class BrokenPromiseException(string promise, string what) : Exception($"{promise}: {what}")
{
    /// <summary>Which promise was broken.</summary>
    public string Promise { get; } = promise;
}
