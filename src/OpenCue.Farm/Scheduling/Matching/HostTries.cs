using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>Tries hosts that the index gives for one layer, and remembers what came of it.</summary>
internal sealed class HostTries(Placements placements, StartRests rests, SchedulerCounters counters)
{
    private Layer _layer = null!; // From Begin on.
    private FarmTime _now;

    /// <summary>The host that was tried last.</summary>
    public Host? Last { get; private set; }

    /// <summary>What came of that.</summary>
    public Placement Result { get; private set; }

    /// <summary>A host that had room was refused: no frame of another layer need be kept from there.</summary>
    public bool IsOwnFault { get; private set; }

    /// <summary>Of the hosts where the layer rests because it could not be started there, the one where that ends first; null if there was none.</summary>
    public (long EngineMs, Host Host)? FirstRest { get; private set; }

    public void Begin(Layer layer, FarmTime now)
    {
        (_layer, _now) = (layer, now);
        (Last, FirstRest, IsOwnFault) = (null, null, false);
    }

    /// <summary>True if a frame of the layer goes onto the host.</summary>
    public bool Accept(Host host)
    {
        counters.HostTries++;
        Last = host;
        Result = placements.CheckHere(_layer, host, _now);
        if (Result.Verdict == PlacementVerdict.Fits)
        {
            return true;
        }

        counters.FailedTries++;
        IsOwnFault = true;
        if (Result.Verdict == PlacementVerdict.StartFailed
            && rests.Until(host, _layer, _now.EngineMs) is { } until && (FirstRest is not { } first || until < first.EngineMs))
        {
            FirstRest = (until, host);
        }

        return false;
    }
}
