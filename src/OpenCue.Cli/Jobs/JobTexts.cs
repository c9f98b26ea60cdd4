using OpenCue.Cli.Output;

namespace OpenCue.Cli.Jobs;

/// <summary>Words for the states of jobs, layers and frames.</summary>
internal static class JobTexts
{
    /// <summary>What the job is doing.</summary>
    public static Cell State(Wire.Job job) => job switch
    {
        { State: Wire.JobState.Finished } => new Cell("finished", Ink.Dim),
        { State: Wire.JobState.Posted } => new Cell("post", Ink.Dim),
        { State: Wire.JobState.Startup } => new Cell("starting", Ink.Dim),
        { IsPaused: true } => new Cell("paused", Ink.Odd),
        { JobStats.RunningFrames: > 0 } => new Cell("running", Ink.Busy),
        { JobStats: { DeadFrames: > 0, WaitingFrames: 0 } } => new Cell("stuck", Ink.Bad),
        { JobStats: { WaitingFrames: 0, DependFrames: > 0 } } => new Cell("depend", Ink.Dim),
        _ => new Cell("waiting", Ink.Plain),
    };

    /// <summary>The state of a frame.</summary>
    public static Cell State(Wire.FrameState state) => new(Word(state), InkOf(state));

    /// <summary>The word for a state of a frame.</summary>
    public static string Word(Wire.FrameState state) => state.ToString().ToLowerInvariant();

    /// <summary>The colour for a state of a frame.</summary>
    public static Ink InkOf(Wire.FrameState state) => state switch
    {
        Wire.FrameState.Succeeded => Ink.Good,
        Wire.FrameState.Running => Ink.Busy,
        Wire.FrameState.Dead => Ink.Bad,
        Wire.FrameState.Eaten or Wire.FrameState.Checkpoint => Ink.Odd,
        Wire.FrameState.Depend or Wire.FrameState.Setup => Ink.Dim,
        _ => Ink.Plain,
    };

    /// <summary>How long the job has run, or ran; a job's start is its submission.</summary>
    public static string Age(Wire.Job job, TimeProvider time) => job.StartTime <= 0
        ? Units.None
        : Units.Duration((job.StopTime > 0 ? job.StopTime : time.GetUtcNow().ToUnixTimeSeconds()) - job.StartTime);
}
