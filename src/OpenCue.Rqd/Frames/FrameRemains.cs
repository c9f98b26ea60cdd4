using OpenCue.Rqd.Machine;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Frames;

/// <summary>Finds and kills what is left of a run whose supervisor is gone, and with it the certainty of which processes are its own.</summary>
internal sealed partial class FrameRemains(MachinePaths paths, TimeProvider time, ILogger<FrameRemains> logger)
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(30);

    /// <summary>Kills until nothing is left. What hangs in the kernel is left to die there: it runs no more of its own code.</summary>
    public async Task KillAsync(Run run, SupervisorStart started, CancellationToken stop)
    {
        var begin = time.GetTimestamp();
        while (Find(run, started) is { Count: > 0 } left)
        {
            foreach (var process in left)
            {
                LogKilling(process.Pid, process.Name, run.Key);
                Libc.Kill(process.Pid, Libc.SigKill);
            }
            if (time.GetElapsedTime(begin) > GiveUp)
            {
                return;
            }

            await Task.Delay(Again, time, stop);
        }
    }

    private List<ProcessSample> Find(Run run, SupervisorStart started)
    {
        var table = ProcessTable.Read(paths);
        var known = run.LastProcesses.Append(started.Main).ToHashSet();
        var mark = $"{FrameEnvironment.RunVariable}={run.Key}";
        // While any member of a session lives its number is not given to another process. So if a stranger has it, none does.
        var sessionIsOurs = table.Find(started.Main.Pid) is not { } leader || leader.Identity == started.Main;
        return [.. table.All.Where(process => !process.IsZombie
            && process.Pid != Environment.ProcessId
            && process.Identity.StartTick >= started.Main.StartTick
            && (known.Contains(process.Identity)
                || (sessionIsOurs && process.Session == started.Main.Pid)
                || ProcessDetails.HasVariable(paths, process.Pid, mark)))];
    }

    [LoggerMessage(EventId = 4210, Level = LogLevel.Warning,
        Message = "Killing process {Pid} ({Name}), which is left of run {Run} without a supervisor")]
    private partial void LogKilling(int pid, string name, string run);
}
