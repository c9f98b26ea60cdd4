using Google.Protobuf;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Specs.Commands;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Procs as clients see them: only those that run something.</summary>
internal static class ProcMessages
{
    /// <summary>The proc with what its run uses.</summary>
    public static Wire.Proc Of(Proc proc, Run run)
    {
        var row = proc.Row;
        var job = proc.Job.Row;
        var frameName = run.Layer.FrameName(run.Ordinal);
        return new Wire.Proc
        {
            Id = row.Id.ToString(),
            Name = WireUnits.Place(proc.Host.Row.Name, row.Reserved.CorePoints, row.Reserved.Gpus),
            ShowName = proc.Job.Show.Row.Name,
            JobName = job.Name,
            FrameName = frameName,
            GroupName = proc.Job.Group.Row.Name,
            PingTime = WireUnits.Seconds(run.Usage.SeenAtMs > 0 ? run.Usage.SeenAtMs : run.Row.BookedAtMs),
            BookedTime = WireUnits.Seconds(row.BookedAtMs),
            DispatchTime = WireUnits.Seconds(run.Row.BookedAtMs),
            ReservedMemory = row.Reserved.MemoryKib,
            ReservedGpuMemory = row.Reserved.GpuMemoryKib,
            UsedMemory = run.Usage.RssKib,
            ReservedCores = WireUnits.Cores(row.Reserved.CorePoints),
            Unbooked = row.Unbooked,
            LogPath = LogPaths.FrameLog(job.LogDir, job.Name, frameName),
            Services = { run.Layer.Row.Services },
            UsedGpuMemory = run.Usage.GpuMemoryKib,
            ReservedGpus = row.Reserved.Gpus,
            ChildProcesses = ByteString.CopyFrom(run.Usage.Children.Span),
        };
    }
}
