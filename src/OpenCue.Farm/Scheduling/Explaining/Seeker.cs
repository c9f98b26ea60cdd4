using System.Numerics;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>What a host lacks for a frame.</summary>
/// <param name="Lacks">One bit for each <see cref="HostLack"/>.</param>
/// <param name="Short">By how much it is short of what is wanted: of its totals if those do not do, else of what is idle.</param>
internal readonly record struct HostLacks(ulong Lacks, Resources Short)
{
    /// <summary>Lacks that do not pass as long as the host, the show's shares and the layer stay as they are.</summary>
    public const ulong Lasting = (1UL << ((int)HostLack.KeptForGpu + 1)) - 1;

    /// <summary>True if the host would take the frame now.</summary>
    public bool IsReady => Lacks == 0;

    /// <summary>True if the host could take it if it were empty and well.</summary>
    public bool IsAble => (Lacks & Lasting) == 0;

    /// <summary>The first thing that it lacks.</summary>
    public HostLack First => Lacks == 0 ? HostLack.None : (HostLack)BitOperations.TrailingZeroCount(Lacks);

    /// <summary>True if it lacks this.</summary>
    public bool Has(HostLack lack) => (Lacks & (1UL << (int)lack)) != 0;

    /// <summary>By how much it is short, in the unit of the lack: core points, KiB or GPUs; 0 for what has no amount.</summary>
    public long Amount(HostLack lack) => lack switch
    {
        HostLack.TotalCores or HostLack.Cores => Short.CorePoints,
        HostLack.TotalMemory or HostLack.Memory => Short.MemoryKib,
        HostLack.TotalGpus or HostLack.Gpus => Short.Gpus,
        HostLack.TotalGpuMemory or HostLack.GpuMemory => Short.GpuMemoryKib,
        _ => 0,
    };
}

/// <summary>
/// A frame of a layer that looks for a host: asks of each host all that the matcher asks, and does not stop at the first no. Whether a host takes the
/// frame is always the matcher's own word.
/// </summary>
/// <param name="context">The farm.</param>
/// <param name="layer">The layer.</param>
/// <param name="ordinal">One frame of it; null for whichever waits.</param>
internal sealed class Seeker(ExplainContext context, Layer layer, int? ordinal = null)
{
    /// <summary>The layer.</summary>
    public Layer Layer { get; } = layer;

    /// <summary>What it needs of a host.</summary>
    public Requirement Requirement { get; } = Requirement.Of(layer);

    private readonly TagMatcher _tags = context.Scheduler.Tags;
    private readonly int[]? _frames = ordinal is { } frame ? [frame] : null;

    /// <summary>What the host lacks.</summary>
    public HostLacks Look(Host host)
    {
        var settings = context.Farm.Settings;
        var job = Layer.Job;
        var lacks = 0UL;
        if (host.Allocation.Facility != job.Facility)
        {
            lacks |= Bit(HostLack.Facility);
        }
        else if (WorkGates.CheckSubscription(job.Show, host.Allocation, 0) == WorkGate.NoSubscription)
        {
            lacks |= Bit(HostLack.Subscription);
        }

        lacks |= Requirement.SuitsOs(host) ? 0 : Bit(HostLack.Os);
        lacks |= Requirement.SuitsThreadMode(host) ? 0 : Bit(HostLack.ThreadMode);
        lacks |= Requirement.SuitsTags(host, _tags) ? 0 : Bit(HostLack.Tags);

        var mode = host.Row.ThreadMode;
        var missing = Requirement.Shortage(host.Row.Total, mode);
        lacks |= Amounts(missing, HostLack.TotalCores);
        if (missing == default && ProcBuilder.BuildOnEmpty(host, Layer, settings) is null)
        {
            lacks |= Bit(HostLack.TotalCores);
        }

        lacks |= Placements.IsKeptForGpus(Requirement, host.Row.Total, settings) ? Bit(HostLack.KeptForGpu) : 0;
        var gate = HostGates.Check(host, settings, context.Now.EngineMs);
        lacks |= LackOf(gate, host);
        if (missing == default)
        {
            missing = Requirement.Shortage(host.Idle, mode);
            var idle = Amounts(missing, HostLack.Cores);
            lacks |= Requirement.WantsEmptyHost && host.Reserved != default ? (idle & ~Bit(HostLack.Cores)) | Bit(HostLack.Empty) : idle;
        }

        if (gate == HostGate.Full && (lacks & Busy) == 0)
        {
            lacks |= host.Idle.MemoryKib < settings.MemoryReservedMinKib ? Bit(HostLack.Memory) : Bit(HostLack.Cores);
        }

        lacks |= lacks == 0 ? Final(host) : 0;
        return new HostLacks(lacks, missing);
    }

    /// <summary>True if the host is kept for a layer.</summary>
    public bool IsKept(Host host) => context.Scheduler.Reservations.On(host) is not null;

    /// <summary>What the matcher would do with the frame and the host. Where no frame waits yet, the first stands for those that will.</summary>
    public Placement Place(Host host) =>
        context.Scheduler.Placements.Check(Layer, host, context.Now, _frames ?? (Layer.Waiting.Count > 0 ? Layer.Waiting.Look() : [0]));

    /// <summary>All that was asked so far is well: now the matcher has its say.</summary>
    private ulong Final(Host host)
    {
        var placement = Place(host);
        return placement.Verdict == PlacementVerdict.Fits ? 0 : Bit(LackOf(placement));
    }

    /// <summary>What a verdict of the matcher is called here.</summary>
    public static HostLack LackOf(Placement placement) => placement.Verdict switch
    {
        PlacementVerdict.Fits => HostLack.None,
        PlacementVerdict.OtherFacility => HostLack.Facility,
        PlacementVerdict.HostClosed => HostLack.Up,
        PlacementVerdict.OperatingSystem => HostLack.Os,
        PlacementVerdict.ThreadMode => HostLack.ThreadMode,
        PlacementVerdict.Tags => HostLack.Tags,
        PlacementVerdict.NotEmpty => HostLack.Empty,
        PlacementVerdict.Cores => HostLack.Cores,
        PlacementVerdict.Memory => HostLack.Memory,
        PlacementVerdict.Gpus => HostLack.Gpus,
        PlacementVerdict.GpuMemory => HostLack.GpuMemory,
        PlacementVerdict.KeptForGpus => HostLack.KeptForGpu,
        PlacementVerdict.Reserved => HostLack.Unreserved,
        PlacementVerdict.StartFailed => HostLack.StartFailed,
        PlacementVerdict.CallUnderWay => HostLack.CallUnderWay,
        PlacementVerdict.Cap when placement.WorkGate is WorkGate.ShowAtBurst or WorkGate.NoSubscription => HostLack.Share,
        PlacementVerdict.Cap when placement.WorkGate == WorkGate.LimitReached => HostLack.Limit,
        _ => HostLack.Cap,
    };

    private const ulong Busy = (1UL << (int)HostLack.Empty) | (1UL << (int)HostLack.Cores) | (1UL << (int)HostLack.Memory)
        | (1UL << (int)HostLack.TotalCores) | (1UL << (int)HostLack.TotalMemory);

    private static ulong LackOf(HostGate gate, Host host) => gate switch
    {
        HostGate.Open or HostGate.Full or HostGate.BookingOff => 0,
        HostGate.NotUp => Bit(HostLack.Up),
        HostGate.Locked => Bit(HostLack.Unlocked),
        HostGate.TempFull => Bit(HostLack.Temp),
        HostGate.LittleFreeMemory => Bit(HostLack.FreeMemory),
        HostGate.BackingOff => Bit(HostLack.LaunchesWork),
        HostGate.AtProcCap => Bit(HostLack.Procs),
        _ => throw new System.Diagnostics.UnreachableException($"{gate} of {host.Row.Name}"),
    };

    /// <summary>The bits of the amounts that are short; they stand in a row from that of the cores on.</summary>
    private static ulong Amounts(Resources missing, HostLack cores) =>
        (missing.CorePoints > 0 ? Bit(cores) : 0)
        | (missing.MemoryKib > 0 ? Bit(cores + 1) : 0)
        | (missing.Gpus > 0 ? Bit(cores + 2) : 0)
        | (missing.GpuMemoryKib > 0 ? Bit(cores + 3) : 0);

    private static ulong Bit(HostLack lack) => 1UL << (int)lack;
}
