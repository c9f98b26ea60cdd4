using OpenCue.Cuebot.Api.Edge;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Operations;
using OpenCue.Specs.Launch;

namespace OpenCue.Cuebot.Api;

/// <summary>What people ask for frames. It is stored when it is acknowledged and then done in chunks; few frames are done at once.</summary>
internal static class FrameActions
{
    /// <summary>So many frames are done before the caller is answered, who then sees what became of them.</summary>
    private const int DoneAtOnce = 200;

    /// <summary>Asks for something to be done to frames of a job.</summary>
    public static void Request(FarmEdit edit, BulkKind kind, Job job, IReadOnlyCollection<FrameSpan> frames, string reason = "", string? by = null)
    {
        var operation = BulkOperations.Request(edit, kind, job, frames, by ?? Callers.Describe(edit.Actor), reason);
        if (operation is not null && frames.Sum(span => span.Count) <= DoneAtOnce)
        {
            BulkOperations.Step(edit, operation);
        }
    }

    /// <summary>Refuses if the site wants finished jobs to stay as they are.</summary>
    /// <param name="job">The job.</param>
    /// <param name="isReadonly">Whether the site wants it for what is asked.</param>
    public static void CheckNotFinished(Job job, bool isReadonly)
    {
        if (isReadonly && job.Row.State == JobState.Finished)
        {
            throw FarmException.Precondition("Finished jobs are readonly");
        }
    }

    /// <summary>Makes one end wait for the other, by the type that joins them if none is given.</summary>
    public static Wire.Depend CreateDepend(FarmEdit edit, DependEnd er, DependEnd on, DependType? type = null) =>
        DependMessages.Of(DependRules.Create(edit, type ?? DependRules.TypeOf(er, on), er, on));
}
