using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Jobs;

/// <summary>The life of a job, and what a person may do to it.</summary>
public static class JobRules
{
    /// <summary>Kills a pending job: it is FINISHED at once, its runs die and their frames go back to WAITING. False if it was not pending.</summary>
    public static bool Kill(FarmEdit edit, Job job, string by, string reason) => throw new InvalidOperationException();

    /// <summary>Finishes a pending job that has nothing left to do. False if it has, or is not pending.</summary>
    public static bool ShutdownIfComplete(FarmEdit edit, Job job) => throw new InvalidOperationException();

    /// <summary>Moves up to <paramref name="max"/> jobs that finished long enough ago to history. Returns how many.</summary>
    public static int ArchiveDue(FarmEdit edit, int max) => throw new InvalidOperationException();
}
