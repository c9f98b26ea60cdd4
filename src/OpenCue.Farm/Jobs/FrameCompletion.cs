using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Jobs;

/// <summary>The one place where a run ends.</summary>
public static class FrameCompletion
{
    /// <summary>
    /// Ends a run: decides what becomes of its frame, counts what it used, releases what waits for it, and finishes layer and job if it was the
    /// last. It leaves the proc alone.
    /// </summary>
    public static CompletionResult Apply(FarmEdit edit, Run run, RunOutcome outcome) => throw new InvalidOperationException();
}
