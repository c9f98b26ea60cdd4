using Google.Protobuf;
using OpenCue.Farm.Hosts;
using OpenCue.Specs;

namespace OpenCue.Cuebot.Reports;

/// <summary>Turns agents' messages into the farm's reports. Values are bounded and checked where the reports are applied.</summary>
internal static class ReportMessages
{
    /// <summary>A status or boot report.</summary>
    public static HostReport HostReport(Wire.Reports.RenderHost host, IEnumerable<Wire.Reports.RunningFrameInfo> frames, bool boot) => new()
    {
        HostName = host.Name,
        IsBoot = boot,
        NimbyEnabled = host.NimbyEnabled,
        NimbyLocked = host.NimbyLocked,
        Facility = host.Facility,
        CorePoints = (long)host.NumProcs * host.CoresPerProc,
        TotalMemory = host.TotalMem,
        FreeMemory = host.FreeMem,
        TotalSwap = host.TotalSwap,
        FreeSwap = host.FreeSwap,
        TotalTemp = host.TotalMcp,
        FreeTemp = host.FreeMcp,
        Gpus = host.NumGpus,
        TotalGpuMemory = host.TotalGpuMem,
        FreeGpuMemory = host.FreeGpuMem,
        Load = host.Load,
        BootTimeSeconds = host.BootTime,
        Tags = host.Tags.ToValueList(),
        State = (HardwareState)host.State,
        Os = host.Attributes.TryGetValue("SP_OS", out var os) ? os : "",
        Agent = Agent(host),
        Frames = [.. frames.Select(Frame)],
    };

    /// <summary>A completion.</summary>
    public static CompletionReport Completion(Wire.Reports.FrameCompleteReport report) => new()
    {
        HostName = report.Host?.Name ?? "",
        Frame = Frame(report.Frame ?? new Wire.Reports.RunningFrameInfo()),
        ExitStatus = report.ExitStatus,
        ExitSignal = report.ExitSignal,
        RunSeconds = report.RunTime,
        NimbyLocked = report.Host?.NimbyLocked ?? false,
        FreeMemoryKib = report.Host?.FreeMem,
        Agent = report.Host is { } host ? Agent(host) : AgentFacts.OpenCue,
    };

    private static AgentFacts Agent(Wire.Reports.RenderHost host) => AgentFacts.FromAttributes(new Dictionary<string, string>(host.Attributes));

    private static RunningFrameReport Frame(Wire.Reports.RunningFrameInfo frame) => new()
    {
        // An id that is none names no run: the rules refuse it like any other run that is not held.
        RunId = EntityId.TryParse(frame.ResourceId, out var run) ? run : EntityId.None,
        FrameId = EntityId.TryParse(frame.FrameId, out var id) ? id : EntityId.None,
        FrameName = frame.FrameName,
        JobName = frame.JobName,
        StartedAtMs = frame.StartTime,
        RssKib = frame.Rss,
        MaxRssKib = frame.MaxRss,
        PssKib = frame.Pss,
        MaxPssKib = frame.MaxPss,
        VirtualKib = frame.Vsize,
        SwapKib = frame.UsedSwapMemory,
        GpuMemoryKib = frame.UsedGpuMemory,
        LogUpdatedSeconds = frame.LluTime,
        InContainer = frame.Attributes.ContainsKey("container_id"),
        Children = frame.Children?.ToByteArray() ?? ReadOnlyMemory<byte>.Empty,
    };
}
