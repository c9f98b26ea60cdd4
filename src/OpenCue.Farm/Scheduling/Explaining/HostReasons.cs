using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>What keeps a frame from all hosts, in words.</summary>
internal static class HostReasons
{
    private const int MostTexts = 5;

    /// <summary>What keeps the frames of a layer from all hosts; empty if one would take one now.</summary>
    public static List<Reason> Of(ExplainContext context, Layer layer, HostCounter counter)
    {
        if (counter.Usable == 0 || counter.Able == 0)
        {
            return [Never(context.Farm, layer, counter)];
        }

        if (counter.Ready > 0)
        {
            return [];
        }

        var reasons = OfCaps(context, layer, counter);
        if (context.Scheduler.Reservations.For(layer) is { } reservation)
        {
            reasons.Add(HostGateReasons.KeptFor(context, reservation));
        }

        if (counter.Sample(HostLack.CallUnderWay) is { } called)
        {
            reasons.Add(CallUnderWay(called, counter));
        }

        if (counter.Sample(HostLack.StartFailed) is { } failed)
        {
            var until = context.Farm.StartRests.Until(failed, layer, context.Now.EngineMs) ?? context.Now.EngineMs;
            var at = context.Now.WallMs + until - context.Now.EngineMs;
            reasons.Add(new Reason(
                ReasonCode.StartFailed,
                $"The layer {layer.Row.Name} could not be started on {Others(failed, counter.Only(HostLack.StartFailed))}; it is tried again at "
                + $"{Amounts.Time(at, context.Now.WallMs)}.",
                $"See what the agent on {failed.Row.Name} says: often the folder of the logs can't be written, or the user does not exist there.")
            {
                Subject = failed.Row.Name, AtMs = at,
            });
        }

        var special = Special.Sum(counter.Only);
        if (special < counter.Able)
        {
            reasons.Add(NotNow(counter));
        }

        return reasons;
    }

    /// <summary>Why no host could ever take a frame: what it asks for that no host has.</summary>
    public static Reason Never(FarmModel farm, Layer layer, HostCounter counter)
    {
        var job = layer.Job;
        if (counter.Usable == 0)
        {
            return new Reason(
                ReasonCode.NoHosts,
                farm.Hosts.Count == 0
                    ? "The farm has no hosts."
                    : $"None of the {Amounts.Count(farm.Hosts.Count, "host")} of the farm is in an allocation of {job.Facility.Row.Name} on which "
                        + $"{job.Show.Row.Name} has a subscription.",
                "Start an agent on a host, move hosts there, or give the show a subscription where hosts are.")
            {
                Subject = job.Facility.Row.Name, Never = true,
            };
        }

        var (text, wayOut) = Culprit(counter);
        return new Reason(ReasonCode.NoHostEver, text, wayOut) { Subject = layer.Row.Name, Never = true };
    }

    /// <summary>A launch or kill of the frame that is still on its way to hosts which would do otherwise.</summary>
    public static Reason CallUnderWay(Host host, HostCounter counter)
    {
        var others = counter.Ready == 0
            ? ""
            : $" {Amounts.Count(counter.Ready, "other host")} would take it, and other frames of its layer may be quicker.";
        return new Reason(
            ReasonCode.CallUnderWay,
            $"A launch or kill of the frame is still on its way to {Others(host, counter.Only(HostLack.CallUnderWay))}, so it is not started there "
            + $"again.{others}",
            "Wait: it ends in seconds, or when the host is heard again.")
        {
            Subject = host.Row.Name,
        };
    }

    private static readonly HostLack[] Special = [HostLack.CallUnderWay, HostLack.StartFailed, HostLack.Share, HostLack.Cap, HostLack.Limit];

    private static List<Reason> OfCaps(ExplainContext context, Layer layer, HostCounter counter)
    {
        var reasons = new List<Reason>();
        foreach (var lack in (HostLack[])[HostLack.Share, HostLack.Cap, HostLack.Limit])
        {
            if (counter.Sample(lack) is not { } host)
            {
                continue;
            }

            var placement = counter.Seeker.Place(host);
            var closed = new List<ClosedGate>();
            WorkGates.CheckCaps(layer, placement.Reserve, default, closed, host);
            WorkGates.CheckSubscription(layer.Job.Show, host.Allocation, placement.Reserve.CorePoints, closed);
            var found = closed.SelectMany(gate => gate.Gate == WorkGate.ShowAtBurst
                ? [WorkReasons.AtBurst(layer.Job.Show, host.Allocation, gate)]
                : WorkReasons.Of(context, layer, gate));
            reasons.AddRange(found.Where(reason => reasons.TrueForAll(other => (other.Code, other.Subject) != (reason.Code, reason.Subject))));
        }

        return reasons;
    }

    private static Reason NotNow(HostCounter counter)
    {
        var count = counter.Count();
        var texts = count.Removed.Where(removal => removal.Hosts > 0 && removal.Lack > HostLack.KeptForGpu).Select(removal => removal.Text).Take(MostTexts);
        var nearest = count.Nearest is { } miss ? $" Nearest: {miss.Text}." : "";
        return new Reason(
            ReasonCode.NoHostNow,
            $"{Amounts.Count(counter.Able, "host")} of {counter.Usable} could take it, but not now: {string.Join("; ", texts)}.{nearest}",
            WayOut(count.Nearest))
        {
            Subject = count.Nearest?.Host ?? "", Need = counter.Able,
        };
    }

    private static string WayOut(NearestMiss? miss) => miss is null ? "" : miss.Lacks[0] switch
    {
        HostLack.Up => $"See why {miss.Host} is not UP.",
        HostLack.Unlocked => $"Unlock the host: cue host unlock {miss.Host}",
        HostLack.Temp => $"Make room in the temporary directory of {miss.Host}.",
        HostLack.FreeMemory => $"See what uses the memory of {miss.Host}.",
        HostLack.LaunchesWork => $"It is tried again soon; see why launches fail on {miss.Host}.",
        HostLack.Procs => $"Wait for a frame there to end, or raise the host's cap: cue host cap {miss.Host} --max N",
        HostLack.Unreserved => "Wait: the host goes back when the layer that it is kept for has run.",
        _ => "It starts as soon as a host has room for it; asking for less would start it sooner.",
    };

    private static (string Text, string WayOut) Culprit(HostCounter counter)
    {
        var need = counter.Seeker.Requirement;
        var (lack, hosts, closest) = Enumerable.Range(1, (int)HostLack.KeptForGpu)
            .Select(i => (Lack: (HostLack)i, Able: counter.AbleBut((HostLack)i)))
            .Where(i => i.Lack > HostLack.Subscription && i.Able.Closest is not null)
            .OrderByDescending(i => i.Able.Hosts)
            .Select(i => (i.Lack, i.Able.Hosts, i.Able.Closest))
            .FirstOrDefault();
        if (closest is null)
        {
            var removed = counter.Count().Removed.Where(r => r.Lack is > HostLack.Subscription and <= HostLack.KeptForGpu && r.All > 0);
            var texts = removed.Select(r => LackTexts.Of(r.Lack, r.All, least: 0, "", counter.Seeker));
            return (
                $"No host has all that it asks for at once: of {Amounts.Count(counter.Usable, "host")}, {string.Join("; ", texts)}.",
                "Ask for less, or for other tags.");
        }

        var (total, name) = (closest.Row.Total, closest.Row.Name);
        var (largest, most) = hosts == 1
            ? ($"{name}, the only host that would suit otherwise,", $"{name}, the only host that would suit otherwise,")
            : ($"the largest of {hosts} hosts that would suit otherwise, {name},", $"the best of {hosts} hosts that would suit otherwise, {name},");
        var none = hosts == 1 ? $"{name}, the only host that would suit otherwise," : $"Each of {hosts} hosts that would suit otherwise";
        return lack switch
        {
            HostLack.TotalMemory => (
                $"A frame needs {Amounts.Memory(need.MinMemoryKib)} of memory; {largest} has {Amounts.Memory(total.MemoryKib)}.",
                $"Ask for {Amounts.Memory(total.MemoryKib)} or less, or add a host with more."),
            HostLack.TotalCores => (
                $"A frame needs {LackTexts.Cores(need)}; {largest} has {Amounts.Bare(total.CorePoints)}.",
                $"Ask for {Amounts.Cores(total.CorePoints)} or less, or add a host with more."),
            HostLack.TotalGpus => (
                $"A frame needs {Amounts.Count(need.MinGpus, "GPU")}; {most} has {total.Gpus}.", "Ask for fewer GPUs, or add a host with more."),
            HostLack.TotalGpuMemory => (
                $"A frame needs {Amounts.Memory(need.MinGpuMemoryKib)} of GPU memory; {most} has {Amounts.Memory(total.GpuMemoryKib)}.",
                "Ask for less GPU memory, or add a host with more."),
            HostLack.Tags => (
                $"{none} has no tag of: {Amounts.List(need.Kind.Tags.Items)}.", "Give the layer a tag that hosts have, or a host one of these."),
            HostLack.Os => (
                $"{none} has another operating system than {need.Kind.Os}.",
                "Submit the job for another operating system, or add hosts that run this one."),
            HostLack.ThreadMode => (
                $"{none} gives all its cores to one frame, and the layer is not threadable.",
                "Make the layer threadable, or change the thread mode of a host."),
            _ => ($"{none} has GPUs and is kept for layers that want one.", "Let the layer ask for a GPU, or don't keep hosts for GPU layers only."),
        };
    }

    private static string Others(Host host, int all) =>
        all > 1 ? $"{host.Row.Name} and {Amounts.Count(all - 1, "other host")} that would do" : $"{host.Row.Name}, the host that would do";
}
