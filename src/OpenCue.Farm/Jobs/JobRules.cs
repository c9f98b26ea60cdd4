using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Operations;

namespace OpenCue.Farm.Jobs;

/// <summary>The life of a job, and what a person may do to it.</summary>
public static partial class JobRules
{
    /// <summary>
    /// Kills a pending job: it is FINISHED at once, what waits for the job is released, and its post job starts. Its runs are ordered to
    /// die and their frames go back to WAITING as they do. False, and nothing is done, if the job is not pending.
    /// </summary>
    public static bool Kill(FarmEdit edit, Job job, string by, string reason)
    {
        if (edit.Farm.Settings.KillNeedsReason && string.IsNullOrWhiteSpace(reason))
        {
            throw FarmException.Invalid($"Say why the job {job.Row.Name} is to be killed: this farm wants a reason.");
        }

        if (job.Row.State != JobState.Pending)
        {
            return false;
        }

        Finish(edit, job, killed: true, reason);
        if (job.OpenRuns > 0)
        {
            BulkOperations.Request(edit, BulkKind.KillJob, job, RunningFrames(job), by, reason);
        }

        return true;
    }

    /// <summary>
    /// Finishes a pending job that has nothing left to do: all its frames are SUCCEEDED or EATEN, and none is about to be held again by a depend. False if it
    /// has, or is not pending.
    /// </summary>
    public static bool ShutdownIfComplete(FarmEdit edit, Job job)
    {
        if (job.Row.State != JobState.Pending || !job.Frames.Complete || job.OpenHolds > 0)
        {
            return false;
        }

        Finish(edit, job, killed: false, reason: null);
        return true;
    }

    /// <summary>
    /// A finished job becomes pending again because a frame of it is retried, under its name unless that is taken (OpenCue never gives the
    /// name back). When it finished stays noted. Any other job stays as it is: retrying a frame of a post job does not start it early.
    /// </summary>
    internal static void Revive(FarmEdit edit, Job job)
    {
        if (job.Row.State == JobState.Finished)
        {
            JobRest.Wake(edit, job);
            var free = edit.Farm.Jobs.FindByName(job.Row.Name) is null;
            edit.Set(job, job.Row with { State = JobState.Pending, HoldsName = free, Killed = false });
            edit.Emit(FarmEventKind.JobRevived, job.Id, job.Id, (int)JobState.Finished, (int)JobState.Pending, job.Row.Name);
        }
    }

    private static void Finish(FarmEdit edit, Job job, bool killed, string? reason)
    {
        edit.Set(job, job.Row with { State = JobState.Finished, HoldsName = false, Killed = killed, StoppedAtMs = edit.Now.WallMs });
        edit.Emit(
            killed ? FarmEventKind.JobKilled : FarmEventKind.JobFinished, job.Id, job.Id, (int)JobState.Pending, (int)JobState.Finished,
            string.IsNullOrEmpty(reason) ? job.Row.Name : $"{job.Row.Name}: {reason}");
        DependRules.SatisfyJob(edit, job);
        if (edit.Farm.Jobs.FindPostJobOf(job.Id) is { Row.State: JobState.Posted } post)
        {
            edit.Set(post, post.Row with { State = JobState.Pending });
            edit.Emit(FarmEventKind.JobLaunched, post.Id, post.Id, (int)JobState.Posted, (int)JobState.Pending, post.Row.Name);
            ShutdownIfComplete(edit, post); // A person may have eaten all its frames before.
        }

        edit.Do(EffectKind.JobEnded, job.Id);
    }

    private static IEnumerable<FrameSpan> RunningFrames(Job job) =>
        job.Layers.SelectMany(layer => FrameSpans.Of(layer, layer.Runs.Keys));
}
