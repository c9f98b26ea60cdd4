using OpenCue.Farm.Hosts;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>What hosts lack, in words.</summary>
internal static class LackTexts
{
    /// <summary>So many hosts lack it.</summary>
    public static string Of(HostLack lack, int hosts, long least, string host, Seeker seeker)
    {
        var text = $"{Amounts.Count(hosts, "host")} {Verb(lack, hosts == 1, seeker)}";
        return least > 0 ? $"{text}, {host} by {Amount(lack, least)}" : text;
    }

    /// <summary>What one host lacks, as in "rnd01 lacks 3.0 GiB of memory".</summary>
    public static string What(HostLack lack, long amount, Seeker seeker, Host host) => lack switch
    {
        HostLack.TotalCores or HostLack.TotalMemory or HostLack.TotalGpus or HostLack.TotalGpuMemory when amount > 0 =>
            $"is too small by {Amount(lack, amount)}",
        HostLack.Cores or HostLack.Memory or HostLack.Gpus or HostLack.GpuMemory when amount > 0 => $"lacks {Amount(lack, amount)}",
        HostLack.Up => $"is {host.Row.State.ToString().ToUpperInvariant()}",
        HostLack.Unlocked => host.LockState == LockState.NimbyLocked ? "is in use by its owner (NIMBY)" : "is locked",
        _ => Verb(lack, one: true, seeker),
    };

    /// <summary>Lacks as a list of nouns.</summary>
    public static string Names(IReadOnlyCollection<HostLack> lacks) => string.Join(" and ", lacks.Select(Noun));

    private static string Noun(HostLack lack) => lack switch
    {
        HostLack.TotalCores or HostLack.Cores => "cores",
        HostLack.TotalMemory or HostLack.Memory => "memory",
        HostLack.TotalGpus or HostLack.Gpus => "GPUs",
        HostLack.TotalGpuMemory or HostLack.GpuMemory => "GPU memory",
        HostLack.Facility => "the facility",
        HostLack.Subscription => "a subscription",
        HostLack.Os => "the operating system",
        HostLack.ThreadMode => "the thread mode",
        HostLack.Tags => "the tags",
        HostLack.Up => "the state UP",
        HostLack.Unlocked => "an open lock",
        _ => "room",
    };

    private static string Verb(HostLack lack, bool one, Seeker seeker)
    {
        var (isAre, hasHave) = one ? ("is", "has") : ("are", "have");
        var need = seeker.Requirement;
        var show = seeker.Layer.Job.Show.Row.Name;
        return lack switch
        {
            HostLack.Facility => $"{isAre} of another facility than {seeker.Layer.Job.Facility.Row.Name}",
            HostLack.Subscription => $"{isAre} of allocations on which {show} has no subscription",
            HostLack.Os => $"{hasHave} another operating system than {need.Kind.Os}",
            HostLack.ThreadMode => $"{(one ? "gives" : "give")} a frame all cores, and the layer is not threadable",
            HostLack.Tags => $"{hasHave} no tag of: {Amounts.List(need.Kind.Tags.Items)}",
            HostLack.TotalCores => $"{hasHave} too few cores for {Cores(need)}",
            HostLack.TotalMemory => $"{hasHave} less memory than {Amounts.Memory(need.MinMemoryKib)}",
            HostLack.TotalGpus => $"{hasHave} fewer GPUs than {need.MinGpus}",
            HostLack.TotalGpuMemory => $"{hasHave} less GPU memory than {Amounts.Memory(need.MinGpuMemoryKib)}",
            HostLack.KeptForGpu => $"{hasHave} GPUs and {isAre} kept for layers that want one",
            HostLack.Up => $"{isAre} not UP",
            HostLack.Unlocked => $"{isAre} locked",
            HostLack.Temp => $"{hasHave} a full temporary directory",
            HostLack.FreeMemory => $"{(one ? "reports" : "report")} too little free memory",
            HostLack.LaunchesWork => $"{(one ? "rests" : "rest")} because launches failed there",
            HostLack.Procs => $"{(one ? "runs" : "run")} as many frames as allowed there",
            HostLack.Empty => $"{isAre} not empty, and the layer wants a whole host",
            HostLack.Cores => $"{hasHave} too few idle cores",
            HostLack.Memory => $"{hasHave} too little idle memory",
            HostLack.Gpus => $"{hasHave} too few idle GPUs",
            HostLack.GpuMemory => $"{hasHave} too little idle GPU memory",
            HostLack.Unreserved => $"{isAre} reserved for another layer",
            HostLack.CallUnderWay => $"still {hasHave} a launch or kill of the frame under way",
            HostLack.StartFailed => $"could not start the layer a moment ago and {(one ? "rests" : "rest")} from it",
            HostLack.Share => $"{isAre} of allocations where {show} has all the cores it may have",
            HostLack.Cap => "would reserve more cores than job or group may have",
            HostLack.Limit => $"{hasHave} no token of a limit, and none is free",
            _ => "would take it",
        };
    }

    private static string Amount(HostLack lack, long amount) => lack switch
    {
        HostLack.TotalCores or HostLack.Cores => Amounts.Cores(amount),
        HostLack.TotalGpus or HostLack.Gpus => Amounts.Count(amount, "GPU"),
        HostLack.TotalGpuMemory or HostLack.GpuMemory => $"{Amounts.Memory(amount)} of GPU memory",
        _ => $"{Amounts.Memory(amount)} of memory",
    };

    /// <summary>The cores that a layer asks for, in words.</summary>
    public static string Cores(Requirement need) => need.MinCores switch
    {
        0 => "a whole host",
        < 0 => $"all but {Amounts.Cores(-need.MinCores)} of a host",
        _ => Amounts.Cores(need.MinCores),
    };
}
