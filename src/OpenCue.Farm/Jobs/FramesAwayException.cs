namespace OpenCue.Farm.Jobs;

/// <summary>
/// Something needs frames of a finished job that are in the store alone. It is no error: the engine undoes what was begun, fetches the job's frames, and
/// makes the command or query again. Rules let it pass.
/// </summary>
public sealed class FramesAwayException : Exception
{
    /// <summary>Frames of this job are needed.</summary>
    public FramesAwayException(Job job)
        : base($"The frames of the finished job {job.Row.Name} are not in memory.")
    {
        Job = job;
        Away = [.. job.Layers.Where(l => !l.HasFrames).Select(l => l.Rest).OfType<FramesAtRest>()];
    }

    /// <summary>The job.</summary>
    public Job Job { get; }

    /// <summary>The rest of those of its layers whose frames are away. As long as it is the layer's, the store has its frames as they are.</summary>
    public IReadOnlyList<FramesAtRest> Away { get; }
}
