using OpenCue.Farm.Hosts;
using OpenCue.Specs;

namespace OpenCue.Cuebot.Reports;

/// <summary>Reads agents' messages into the farm's own records. What they say is bounded by <see cref="ReportLimits"/>.</summary>
internal static class ReportReader
{
    /// <summary>A process tree that is bigger than this is not kept.</summary>
    private const int MostChildrenBytes = 65536;

    /// <summary>Set by OpenCue's agent for a frame that runs in a container.</summary>
    private const string ContainerAttribute = "container_id";

    /// <summary>A boot report.</summary>
    public static HostReport Read(Wire.Reports.BootReport report) => Read(report.Host ?? new Wire.Reports.RenderHost()) with { IsBoot = true };

    /// <summary>A host report. A frame whose ids can't be any of this server's is left out: it can't be told apart from others of its kind.</summary>
    /// <param name="report">The report.</param>
    /// <param name="strange">Number of frames left out.</param>
    public static HostReport Read(Wire.Reports.HostReport report, out int strange)
    {
        var frames = new List<RunningFrameReport>(report.Frames.Count);
        foreach (var frame in report.Frames)
        {
            if (TryRead(frame, out var read))
            {
                frames.Add(read);
            }
        }

        strange = report.Frames.Count - frames.Count;
        return Read(report.Host ?? new Wire.Reports.RenderHost()) with { Frames = frames };
    }

    /// <summary>A completion report; null if its ids can't be any of this server's.</summary>
    public static CompletionReport? Read(Wire.Reports.FrameCompleteReport report)
    {
        if (report.Frame is null || !TryRead(report.Frame, out var frame))
        {
            return null;
        }

        var host = report.Host ?? new Wire.Reports.RenderHost();
        return new CompletionReport
        {
            HostName = host.Name,
            Frame = frame,
            ExitStatus = report.ExitStatus,
            ExitSignal = report.ExitSignal,
            RunSeconds = report.RunTime,
            NimbyLocked = host.NimbyLocked,
            FreeMemoryKib = host.TotalMem > 0 ? host.FreeMem : null,
            Agent = AgentFacts.FromAttributes(host.Attributes),
        };
    }

    private static HostReport Read(Wire.Reports.RenderHost host) => new()
    {
        HostName = host.Name,
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
        State = (HardwareState)(int)host.State,
        Os = host.Attributes.TryGetValue("SP_OS", out var os) ? os : "",
        Agent = AgentFacts.FromAttributes(host.Attributes),
        PendingCompletions = PendingCompletions(host),
    };

    private static List<EntityId> PendingCompletions(Wire.Reports.RenderHost host)
    {
        var runs = new List<EntityId>();
        if (host.Attributes.TryGetValue(AgentFacts.PendingCompletionsAttribute, out var list))
        {
            foreach (var text in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (EntityId.TryParse(text, out var id))
                {
                    runs.Add(id);
                }
            }
        }

        return runs;
    }

    private static bool TryRead(Wire.Reports.RunningFrameInfo frame, out RunningFrameReport read)
    {
        if (!EntityId.TryParse(frame.ResourceId, out var run) || !EntityId.TryParse(frame.FrameId, out var id))
        {
            read = null!; // Only looked at when the answer is true.
            return false;
        }

        read = new RunningFrameReport
        {
            RunId = run,
            FrameId = id,
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
            InContainer = frame.Attributes.ContainsKey(ContainerAttribute),
            Children = Children(frame.Children),
        };
        return true;
    }

    private static byte[] Children(Wire.Reports.ChildrenProcStats? children) =>
        children is null || children.Children.Count == 0 || children.CalculateSize() > MostChildrenBytes ? [] : Google.Protobuf.MessageExtensions.ToByteArray(children);
}
