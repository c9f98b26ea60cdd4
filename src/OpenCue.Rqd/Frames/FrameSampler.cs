using System.Collections.Immutable;
using OpenCue.Rqd.Machine;

namespace OpenCue.Rqd.Frames;

/// <summary>Measures what frames use, all frames in one pass over the machine's processes.</summary>
internal sealed partial class FrameSampler(
    RunTable table, MachineProbe machine, TimeSpan interval, TimeProvider time, ILogger<FrameSampler> logger) : BackgroundService
{
    /// <summary>Proportional memory is dear, the kernel walks through all pages: it is read this rarely, or when the resident changed.</summary>
    private const int SamplesPerPss = 6;

    private const int MostProcesses = 200;

    /// <summary>Hundredths of a second, on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private readonly MachinePaths _paths = machine.Paths;
    private Dictionary<ProcessIdentity, long> _cpuTicks = [];
    private long _sampledAt;
    private int _samples;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                SampleSafely();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The agent stops.
        }
    }

    /// <summary>Measures all frames now.</summary>
    public void Sample()
    {
        var live = table.Snapshot().Live.Where(run => run.Supervisor is not null).ToList();
        if (live.Count == 0)
        {
            _cpuTicks = [];
            return;
        }
        var processes = ProcessTable.Read(_paths);
        var now = time.GetTimestamp();
        var seconds = time.GetElapsedTime(_sampledAt, now).TotalSeconds;
        var readPss = _samples++ % SamplesPerPss == 0;
        var cpuTicks = new Dictionary<ProcessIdentity, long>();
        foreach (var run in live)
        {
            var own = processes.Below(run.Supervisor!.Value).Where(process => !process.IsZombie).ToList();
            if (own.Count > 0)
            {
                Sample(run, own, seconds, readPss, cpuTicks);
            }
        }
        (_cpuTicks, _sampledAt) = (cpuTicks, now);
    }

    private void SampleSafely()
    {
        try
        {
            Sample();
        }
        catch (Exception error)
        {
            // Figures that are missing once must not end the measuring for good.
            LogSampleFailed(error);
        }
    }

    private void Sample(Run run, List<ProcessSample> own, double seconds, bool readPss, Dictionary<ProcessIdentity, long> cpuTicks)
    {
        long used = 0;
        var hasBefore = false;
        foreach (var process in own)
        {
            cpuTicks[process.Identity] = process.CpuTicks;
            hasBefore |= _cpuTicks.TryGetValue(process.Identity, out var before);
            used += process.CpuTicks - before;
        }

        var known = readPss ? [] : run.Usage.Processes.ToDictionary(process => process.Pid);
        var processes = own.OrderByDescending(process => process.RssKib).Take(MostProcesses)
            .Select(process => Describe(process, known.GetValueOrDefault(process.Pid)))
            .ToImmutableArray();
        var (rss, vsize, pss) = (own.Sum(process => process.RssKib), own.Sum(process => process.VsizeKib), processes.Sum(process => process.PssKib));
        var last = run.Usage;
        run.Usage = last with
        {
            RssKib = rss,
            MaxRssKib = Math.Max(rss, last.MaxRssKib),
            VsizeKib = vsize,
            MaxVsizeKib = Math.Max(vsize, last.MaxVsizeKib),
            PssKib = pss,
            MaxPssKib = Math.Max(pss, last.MaxPssKib),
            SwapKib = processes.Sum(process => ProcessDetails.ReadSwapKib(_paths, process.Pid)),
            CpuPercent = hasBefore && seconds > 0 ? used * 100 / TicksPerSecond / seconds : last.CpuPercent,
            Processes = processes,
        };
        run.LastProcesses = [.. own.Select(process => process.Identity)];
        if (run.Usage.MaxRssKib > last.MaxRssKib || run.Usage.MaxPssKib > last.MaxPssKib || run.Usage.MaxVsizeKib > last.MaxVsizeKib)
        {
            run.File.WritePeakMemory(run.Usage.MaxRssKib, run.Usage.MaxPssKib, run.Usage.MaxVsizeKib);
        }
    }

    private FrameProcess Describe(ProcessSample process, FrameProcess? known)
    {
        var startedAt = DateTimeOffset.FromUnixTimeSeconds(machine.Facts.BootTime)
            .AddSeconds(process.Identity.StartTick / TicksPerSecond).ToOffset(time.GetLocalNow().Offset);
        var isSimilar = known is not null && Math.Abs(process.RssKib - known.PssReadAtRssKib) <= known.PssReadAtRssKib / 10;
        var (pss, readAt) = isSimilar
            ? (known!.PssKib, known.PssReadAtRssKib)
            : (ProcessDetails.ReadPssKib(_paths, process.Pid) ?? process.RssKib, process.RssKib);
        return new FrameProcess(process.Pid, process.Name, process.State, ProcessDetails.ReadCommandLine(_paths, process.Pid), startedAt,
            process.RssKib, process.VsizeKib, pss, readAt);
    }

    [LoggerMessage(EventId = 4230, Level = LogLevel.Error, Message = "What the frames use could not be measured")]
    private partial void LogSampleFailed(Exception error);
}
