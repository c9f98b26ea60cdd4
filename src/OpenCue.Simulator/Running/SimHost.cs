using OpenCue.Farm.Hosts;
using OpenCue.Simulator.Farms;
using OpenCue.Specs;

namespace OpenCue.Simulator.Running;

/// <summary>A simulated host with its agent: it takes every launch, and reports what runs.</summary>
internal sealed class SimHost(string name, HostClass plan, long bootSeconds)
{
    private const long KibPerGib = 1048576;

    private readonly HostReport _report = new()
    {
        HostName = name,
        Facility = Part(plan, 0),
        CorePoints = plan.Cores * 100L,
        TotalMemory = (long)(plan.MemoryGib * KibPerGib),
        FreeMemory = (long)(plan.MemoryGib * KibPerGib),
        TotalTemp = 100 * KibPerGib,
        FreeTemp = 90 * KibPerGib,
        Gpus = plan.Gpus,
        TotalGpuMemory = (long)(plan.GpuMemoryGib * KibPerGib),
        FreeGpuMemory = (long)(plan.GpuMemoryGib * KibPerGib),
        BootTimeSeconds = bootSeconds,
        Tags = new[] { Part(plan, 1) }.Concat(plan.Tags).ToValueList(),
        State = HardwareState.Up,
        Os = plan.Os,
        Agent = new AgentFacts(AgentKind.OpenCueNet, $"boot-{name}", $"agent-{name}"),
    };

    /// <summary>Name.</summary>
    public string Name { get; } = name;

    /// <summary>Its class.</summary>
    public HostClass Plan { get; } = plan;

    /// <summary>What runs, in the order in which it began.</summary>
    public List<SimRun> Runs { get; } = [];

    /// <summary>What the agent says of itself.</summary>
    public AgentFacts Agent => _report.Agent;

    /// <summary>The report of its start.</summary>
    public HostReport BootReport() => _report with { IsBoot = true };

    /// <summary>The report of what runs.</summary>
    /// <param name="nowMs">Virtual time.</param>
    /// <param name="wallMs">Wall time, ms since 1970.</param>
    public HostReport Report(long nowMs, long wallMs)
    {
        var frames = new RunningFrameReport[Runs.Count];
        var used = 0L;
        var load = 0;
        for (var i = 0; i < frames.Length; i++)
        {
            var run = Runs[i];
            var rss = run.RssKib(nowMs);
            used += rss;
            load += run.Reserved.CorePoints;
            frames[i] = Frame(run, rss, wallMs - nowMs, wallMs);
        }

        return _report with { Frames = frames, FreeMemory = Math.Max(0, _report.TotalMemory - used), Load = load };
    }

    /// <summary>What an agent says of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="rssKib">Its resident memory.</param>
    /// <param name="originMs">Wall time at which virtual time began.</param>
    /// <param name="wallMs">Wall time.</param>
    public static RunningFrameReport Frame(SimRun run, long rssKib, long originMs, long wallMs) => new()
    {
        RunId = run.Id,
        FrameId = run.FrameId,
        StartedAtMs = originMs + run.StartedMs,
        RssKib = rssKib,
        MaxRssKib = rssKib,
        PssKib = rssKib,
        MaxPssKib = rssKib,
        VirtualKib = rssKib,
        LogUpdatedSeconds = wallMs / 1000,
    };

    private static string Part(HostClass plan, int index) => FarmPlan.FullName(plan.Allocation).Split('.', 2)[index];
}
