using System.Diagnostics.Metrics;

namespace OpenCue.Engine;

/// <summary>What the engine measures.</summary>
public sealed class EngineInstruments(Meter meter)
{
    /// <summary>The meter.</summary>
    public Meter Meter { get; } = meter;
}
