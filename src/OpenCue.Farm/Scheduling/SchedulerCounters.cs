namespace OpenCue.Farm.Scheduling;

/// <summary>What the scheduler has done since it was made.</summary>
public sealed class SchedulerCounters
{
    /// <summary>Passes.</summary>
    public long Passes { get; internal set; }

    /// <summary>Looks at the whole farm.</summary>
    public long FullLooks { get; internal set; }

    /// <summary>Layers first in line for which a host was looked for, or that were put elsewhere in line.</summary>
    public long Looks { get; internal set; }

    /// <summary>Runs booked by passes; next frames of places that stay with their job are not among them.</summary>
    public long Bookings { get; internal set; }

    /// <summary>Hosts that the index gave for a frame.</summary>
    public long HostTries { get; internal set; }

    /// <summary>Of those, hosts that then could not take the frame.</summary>
    public long FailedTries { get; internal set; }

    /// <summary>Frames that went onto a host that was kept for another layer, because they end in time.</summary>
    public long Backfills { get; internal set; }

    /// <summary>Hosts that were reserved.</summary>
    public long Reservations { get; internal set; }
}
