using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Operations;

/// <summary>What people ask for many frames at once: stored when it is asked for, then done in chunks.</summary>
public static class BulkOperations
{
    /// <summary>Stores what is to be done to the frames of a job.</summary>
    public static BulkOperation Request(FarmEdit edit, BulkKind kind, Job job, IEnumerable<FrameSpan> frames, string by, string reason) =>
        throw new InvalidOperationException();

    /// <summary>Does the next chunk. False when there is no more to do; the operation is gone then.</summary>
    public static bool Step(FarmEdit edit, BulkOperation operation) => throw new InvalidOperationException();
}
