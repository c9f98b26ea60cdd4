using System.Globalization;
using OpenCue.Protocol;
using OpenCue.Protocol.Reports;
using OpenCue.Rqd.Frames;
using OpenCue.Rqd.Hosting;
using OpenCue.Rqd.Machine;

namespace OpenCue.Rqd.Reports;

/// <summary>Puts what the agent knows into OpenCue's messages.</summary>
internal sealed class ReportBuilder(
    RqdOptions options, HostIdentity identity, AgentIds agent, MachineProbe machine, RunTable table, TimeProvider time)
{
    /// <summary>The runs whose completion cuebot has not acknowledged: they have ended, and how is still to come.</summary>
    public const string PendingCompletionsAttribute = "opencue_pending_completions";

    public const string StartIdAttribute = "opencue_start_id";

    /// <summary>In a completion: which evidence says how the run ended.</summary>
    public const string EndAttribute = "opencue_end";

    public const string EndDetailAttribute = "opencue_end_detail";

    public const string GenerationAttribute = "opencue_run_generation";

    private static readonly TimeSpan LoadIsFresh = TimeSpan.FromSeconds(1);

    private volatile KnownLoad? _load;

    public BootReport Boot()
    {
        var snapshot = table.Snapshot();
        return new BootReport { Host = RenderHost(snapshot), CoreInfo = Cores(snapshot) };
    }

    public HostReport Host()
    {
        var snapshot = table.Snapshot();
        var report = new HostReport { Host = RenderHost(snapshot), CoreInfo = Cores(snapshot) };
        report.Frames.Add(snapshot.Live.Select(Running));
        return report;
    }

    public FrameCompleteReport Completion(Run run)
    {
        var end = run.End ?? throw new InvalidOperationException($"Run {run.Key} has not ended.");
        var frame = Running(run);
        (frame.Rss, frame.Vsize, frame.Pss, frame.UsedSwapMemory) = (0, 0, 0, 0);
        frame.MaxRss = Math.Max(frame.MaxRss, end.MaxRssKib);
        frame.MaxPss = Math.Max(frame.MaxPss, end.MaxPssKib);
        frame.MaxVsize = Math.Max(frame.MaxVsize, end.MaxVsizeKib);
        frame.Attributes[EndAttribute] = end.How;
        if (end.Detail.Length > 0)
        {
            frame.Attributes[EndDetailAttribute] = end.Detail;
        }

        return new FrameCompleteReport
        {
            Host = RenderHost(table.Snapshot()),
            Frame = frame,
            ExitStatus = end.ExitStatus,
            ExitSignal = end.ExitSignal,
            RunTime = end.RunSeconds,
        };
    }

    public static RunningFrameInfo Running(Run run)
    {
        var (record, usage) = (run.Record, run.Usage);
        var frame = new RunningFrameInfo
        {
            ResourceId = record.ResourceId,
            JobId = record.JobId,
            JobName = record.JobName,
            FrameId = record.FrameId,
            FrameName = record.FrameName,
            LayerId = record.LayerId,
            NumCores = record.CoreUnits,
            StartTime = record.StartTimeMs,
            Rss = usage.RssKib,
            MaxRss = usage.MaxRssKib,
            Vsize = usage.VsizeKib,
            MaxVsize = usage.MaxVsizeKib,
            Pss = usage.PssKib,
            MaxPss = usage.MaxPssKib,
            UsedSwapMemory = usage.SwapKib,
            LluTime = run.LogUpdatedAt,
            Children = new ChildrenProcStats(),
        };
        foreach (var (name, value) in record.Attributes)
        {
            frame.Attributes[name] = value;
        }

        if (!record.Processors.IsEmpty)
        {
            frame.Attributes["CPU_LIST"] = string.Join(',', record.Processors);
        }

        if (usage.CpuPercent is { } percent)
        {
            frame.Attributes["pcpu"] = percent.ToString("F2", CultureInfo.InvariantCulture);
        }

        if (record.Generation is { } generation)
        {
            frame.Attributes[GenerationAttribute] = generation;
        }

        frame.Children.Children.Add(usage.Processes.Select(Process));
        return frame;
    }

    private static ProcStats Process(FrameProcess process) => new()
    {
        Stat = new Stat
        {
            Pid = process.Pid.ToString(CultureInfo.InvariantCulture),
            Name = process.Name,
            State = process.State.ToString(),
            Rss = process.RssKib,
            Vsize = process.VsizeKib,
            Pss = process.PssKib,
        },
        Statm = new Statm { Rss = process.RssKib, Size = process.VsizeKib },
        Cmdline = process.CommandLine,
        StartTime = process.StartedAt.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
    };

    /// <summary>Completions come by the hundred; the machine does not change as fast.</summary>
    private MachineLoad Load()
    {
        var now = time.GetTimestamp();
        if (_load is not { } known || time.GetElapsedTime(known.At, now) > LoadIsFresh)
        {
            _load = known = new KnownLoad(machine.ReadLoad(), now);
        }
        return known.Load;
    }

    private RenderHost RenderHost(TableSnapshot snapshot)
    {
        var (facts, load) = (machine.Facts, Load());
        var host = new RenderHost
        {
            Name = identity.Name,
            Facility = options.Facility,
            NumProcs = facts.Sockets,
            CoresPerProc = facts.CoreUnits / facts.Sockets,
            TotalMem = facts.TotalMemoryKib,
            FreeMem = load.FreeMemoryKib,
            TotalSwap = facts.TotalSwapKib,
            FreeSwap = load.FreeSwapKib,
            TotalMcp = load.TotalTempKib,
            FreeMcp = load.FreeTempKib,
            Load = load.Load,
            BootTime = (int)Math.Clamp(facts.BootTime, 0, int.MaxValue),
            State = HardwareState.Up,
        };
        host.Tags.Add(facts.Tags);
        host.Attributes["SP_OS"] = options.Os;
        host.Attributes["hyperthreadingMultiplier"] = facts.Topology.HyperThreading.ToString(CultureInfo.InvariantCulture);
        host.Attributes["opencue_agent"] = $"opencue.net/{agent.Version}";
        host.Attributes["opencue_instance_id"] = agent.InstanceId;
        host.Attributes[StartIdAttribute] = agent.StartId;
        if (facts.BootId.Length > 0)
        {
            host.Attributes["opencue_boot_id"] = facts.BootId;
        }

        if (identity.Port != RqdOptions.DefaultPort)
        {
            host.Attributes["rqd_port"] = identity.Port.ToString(CultureInfo.InvariantCulture);
        }

        if (identity.Address is { } address)
        {
            host.Attributes["rqd_address"] = address;
        }

        if (!snapshot.Ended.IsEmpty)
        {
            host.Attributes[PendingCompletionsAttribute] = string.Join(',', snapshot.Ended.Select(run => run.Record.ResourceId));
        }

        return host;
    }

    private static CoreDetail Cores(TableSnapshot snapshot) => new()
    {
        TotalCores = snapshot.TotalUnits,
        IdleCores = snapshot.IdleUnits,
        BookedCores = snapshot.BookedUnits,
    };

    private sealed record KnownLoad(MachineLoad Load, long At);
}
