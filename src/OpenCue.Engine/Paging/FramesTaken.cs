using OpenCue.Engine.Batches;
using OpenCue.Engine.Commands;

namespace OpenCue.Engine.Paging;

/// <summary>What came of reads that have ended.</summary>
internal sealed class FramesTaken
{
    /// <summary>Pages to be completed when the writer has left the gate.</summary>
    public List<JobPage> Pages { get; } = [];

    /// <summary>Commands whose frames are here.</summary>
    public List<Command> Commands { get; } = [];

    /// <summary>Steps whose frames are here.</summary>
    public List<StepState> Steps { get; } = [];

    /// <summary>Steps whose frames can't be read.</summary>
    public List<StepState> FailedSteps { get; } = [];
}
