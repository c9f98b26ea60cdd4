using OpenCue.Specs.Commands;

namespace OpenCue.Cuebot.Launching;

/// <summary>Makes the message that starts a run on a host. Its contents are OpenCue's; <c>resource_id</c> is the run, not the proc.</summary>
internal static class RunFrameBuilder
{
    private const double SoftLimit = 1.6;
    private const double HardLimit = 2.0;

    /// <summary>The message for a run.</summary>
    public static Wire.RunFrame Build(LaunchFacts facts)
    {
        var (run, job, layer) = (facts.Run, facts.Job, facts.Layer);
        var ordinal = run.FrameOrdinal;
        var number = facts.Chunks.FirstFrame(ordinal);
        var reserved = facts.Proc.Reserved;
        var frameId = layer.Id.Frame(ordinal).ToString();
        var message = new Wire.RunFrame
        {
            ResourceId = run.Id.ToString(),
            JobId = job.Id.ToString(),
            JobName = job.Name,
            FrameId = frameId,
            FrameName = FrameNames.Format(number, layer.Name),
            LayerId = layer.Id.ToString(),
            Command = CommandTokens.Expand(layer.Command, FrameTokens.Of(job.Name, layer.Name, facts.Chunks, ordinal)),
            UserName = job.User,
            LogDir = job.LogDir,
            Show = facts.Show,
            Shot = job.Shot,
            StartTime = run.BookedAtMs,
            NumCores = reserved.CorePoints,
            NumGpus = reserved.Gpus,
            IgnoreNimby = facts.Proc.Local,
            Os = job.Os ?? "",
            SoftMemoryLimit = (long)(layer.MinMemoryKib * SoftLimit),
            HardMemoryLimit = (long)(layer.MinMemoryKib * HardLimit),
            LokiUrl = job.LokiUrl,
        };
        if (job.Uid is { } uid)
        {
            message.Uid = uid;
        }

        message.Environment.Add(FrameEnvironment.Build(job.Environment, layer.Environment, new FrameEnvironmentValues
        {
            CorePoints = reserved.CorePoints,
            MemoryKib = reserved.MemoryKib,
            Gpus = reserved.Gpus,
            GpuMemoryKib = reserved.GpuMemoryKib,
            Threadable = layer.Threadable,
            LogDir = job.LogDir,
            Range = facts.Chunks.Set,
            ChunkSize = layer.ChunkSize,
            Frame = number,
            Layer = layer.Name,
            Job = job.Name,
            Show = facts.Show,
            Shot = job.Shot,
            User = job.User,
            JobId = job.Id.ToString(),
            LayerId = layer.Id.ToString(),
            FrameId = frameId,
        }));
        return message;
    }
}
