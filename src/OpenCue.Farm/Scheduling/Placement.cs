using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling;

/// <summary>Why a frame of a layer does not go onto a host now, although work like it is wanted. In the order in which it is asked.</summary>
public enum PlacementVerdict
{
    /// <summary>It fits.</summary>
    Fits,

    /// <summary>The host is in another facility than the job.</summary>
    OtherFacility,

    /// <summary>Nothing at all is booked on the host now; <see cref="Placement.HostGate"/> says why.</summary>
    HostClosed,

    /// <summary>The host has not the operating system that the job asks for.</summary>
    OperatingSystem,

    /// <summary>The host gives all its cores to one frame, and the layer's can use only one.</summary>
    ThreadMode,

    /// <summary>The host has none of the layer's tags.</summary>
    Tags,

    /// <summary>The layer wants a host for itself, and something runs there.</summary>
    NotEmpty,

    /// <summary>Too few cores are idle.</summary>
    Cores,

    /// <summary>Too little memory is idle.</summary>
    Memory,

    /// <summary>Too few GPUs are idle.</summary>
    Gpus,

    /// <summary>Too little GPU memory is idle.</summary>
    GpuMemory,

    /// <summary>The site keeps hosts with GPUs for layers that want them.</summary>
    KeptForGpus,

    /// <summary>The host is reserved for another layer, whose frames do not fit otherwise.</summary>
    Reserved,

    /// <summary>The layer could not be started there; it rests on that host.</summary>
    StartFailed,

    /// <summary>A launch or kill of each of its waiting frames is still on its way there.</summary>
    CallUnderWay,

    /// <summary>A cap has no room for what the frame would reserve there; <see cref="Placement.WorkGate"/> says which.</summary>
    Cap,
}

/// <summary>Whether, and how, a frame of a layer goes onto a host.</summary>
/// <param name="Verdict">Whether it does.</param>
/// <param name="Ordinal">Which frame, if it fits, or would but for a cap.</param>
/// <param name="Reserve">What it would reserve then.</param>
/// <param name="HostGate">Why the host is closed, if that is it.</param>
/// <param name="WorkGate">Which cap, if that is it.</param>
public readonly record struct Placement(
    PlacementVerdict Verdict, int Ordinal = -1, Resources Reserve = default, HostGate HostGate = HostGate.Open, WorkGate WorkGate = WorkGate.Open);

/// <summary>
/// Says whether a frame of a layer goes onto a host. The scheduler asks it of the hosts that its index gives; who explains asks it of all hosts.
/// </summary>
public sealed class Placements(FarmModel farm, TagMatcher tags, Reservations reservations)
{
    /// <summary>The whole question, of any host. The gates of the work itself (<see cref="WorkGates.Check(Layer, Resources, long, List{ClosedGate}?)"/>) are not part of it.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="host">The host.</param>
    /// <param name="now">The time.</param>
    /// <param name="frames">
    /// The frames that are meant; null for all that wait, in their order. Readers, who must change nothing, name them, as finding the first may sort them.
    /// </param>
    public Placement Check(Layer layer, Host host, FarmTime now, IEnumerable<int>? frames = null)
    {
        if (host.Allocation.Facility != layer.Job.Facility)
        {
            return new Placement(PlacementVerdict.OtherFacility);
        }

        var gate = HostGates.Check(host, farm.Settings, now.EngineMs);
        if (gate != HostGate.Open)
        {
            return new Placement(PlacementVerdict.HostClosed, HostGate: gate);
        }

        var requirement = Requirement.Of(layer);
        var lack = requirement.Kind.WhatDiffers(host, tags);
        lack = lack == PlacementVerdict.Fits ? requirement.WhatLacks(host) : lack;
        if (lack != PlacementVerdict.Fits)
        {
            return new Placement(lack);
        }

        if (IsKeptForGpus(requirement, host.Idle, farm.Settings))
        {
            return new Placement(PlacementVerdict.KeptForGpus);
        }

        return reservations.Allows(layer, host, now) ? CheckHere(layer, host, now, frames) : new Placement(PlacementVerdict.Reserved);
    }

    /// <summary>Whether a room with GPUs is kept for layers that want one.</summary>
    internal static bool IsKeptForGpus(Requirement requirement, Resources room, FarmSettings settings) =>
        settings.GpuHostsForGpuLayersOnly && !requirement.WantsGpu && (room.Gpus > 0 || room.GpuMemoryKib > 0);

    /// <summary>The rest of the question, of an open host that suits and has room: is this very frame kept from it?</summary>
    internal Placement CheckHere(Layer layer, Host host, FarmTime now, IEnumerable<int>? frames = null)
    {
        if (ProcBuilder.Build(host, layer, farm.Settings) is not { } reserve)
        {
            return new Placement(PlacementVerdict.Cores);
        }

        if (farm.StartRests.Until(host, layer, now.EngineMs) is not null)
        {
            return new Placement(PlacementVerdict.StartFailed);
        }

        if ((frames is null ? FirstStartable(layer, host) : FirstStartable(layer, host, frames)) is not { } ordinal)
        {
            return new Placement(PlacementVerdict.CallUnderWay);
        }

        reserve = UnderCaps(layer, host, reserve);
        var cap = WorkGates.CheckCaps(layer, reserve, default, host: host);
        cap = cap == WorkGate.Open ? WorkGates.CheckSubscription(layer.Job.Show, host.Allocation, reserve.CorePoints) : cap;
        return cap == WorkGate.Open
            ? new Placement(PlacementVerdict.Fits, ordinal, reserve)
            : new Placement(PlacementVerdict.Cap, ordinal, reserve, WorkGate: cap);
    }

    /// <summary>The first waiting frame of the layer for which no launch or kill is still on its way to the host.</summary>
    internal int? FirstStartable(Layer layer, Host host)
    {
        for (var ordinal = layer.Waiting.First(); ordinal >= 0; ordinal = layer.Waiting.After(ordinal))
        {
            if (farm.OpenCalls.Count == 0 || !farm.OpenCalls.Contains(host.Id, layer.FrameId(ordinal)))
            {
                return ordinal;
            }
        }

        return null;
    }

    private int? FirstStartable(Layer layer, Host host, IEnumerable<int> frames)
    {
        foreach (var ordinal in frames)
        {
            if (farm.OpenCalls.Count == 0 || !farm.OpenCalls.Contains(host.Id, layer.FrameId(ordinal)))
            {
                return ordinal;
            }
        }

        return null;
    }

    /// <summary>
    /// A threadable frame that would get more cores than it asks for gets fewer where a cap has less room, rather than none; never less than it asks.
    /// </summary>
    private static Resources UnderCaps(Layer layer, Host host, Resources reserve)
    {
        var job = layer.Job;
        var room = job.Row.MaxCores - job.Use.CorePoints;
        if (job.Group.Row.MaxCores >= 0)
        {
            room = Math.Min(room, job.Group.Row.MaxCores - job.Group.Use.CorePoints);
        }

        if (host.Allocation.Subscriptions.TryGetValue(job.Show.Id, out var subscription))
        {
            room = Math.Min(room, subscription.Row.Burst - subscription.Use.CorePoints);
        }

        if (reserve.CorePoints <= room || layer.Row.MinCores <= 0)
        {
            return reserve;
        }

        return reserve with { CorePoints = Math.Max(room / 100 * 100, Requirement.Of(layer).LeastCores) };
    }
}
