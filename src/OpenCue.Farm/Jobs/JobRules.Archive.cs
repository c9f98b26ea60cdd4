using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;

namespace OpenCue.Farm.Jobs;

public static partial class JobRules
{
    /// <summary>
    /// Moves up to <paramref name="max"/> jobs that finished long enough ago to history, with the depends on both sides of them: whoever
    /// still waited for one of their layers or frames is free. Jobs with runs or places left, or with an operation under way, wait. Returns
    /// how many went.
    /// </summary>
    public static int ArchiveDue(FarmEdit edit, int max)
    {
        var before = edit.Now.WallMs - (edit.Farm.Settings.ArchiveJobsAfterHours * 3_600_000L);
        var busy = edit.Farm.Operations.Values.Select(o => o.Row.JobId).ToHashSet();
        var due = edit.Farm.Jobs.Finished
            .TakeWhile(j => j.Row.StoppedAtMs < before)
            .Where(j => j.OpenRuns == 0 && j.Procs.Count == 0 && !busy.Contains(j.Id))
            .Take(max)
            .ToList();
        due.ForEach(job => Archive(edit, job));
        return due.Count;
    }

    private static void Archive(FarmEdit edit, Job job)
    {
        foreach (var depend in job.WaitedFor.Union(job.WaitsOn).ToArray())
        {
            DependRules.Remove(edit, depend);
        }

        // A host that shows such a run after all shows one of a frame that nobody knows, and those are never killed.
        foreach (var old in edit.Farm.OldRuns.All.Where(old => edit.Farm.TryGetFrame(old.Row.FrameId, out var layer, out _) && layer.Job == job).ToArray())
        {
            edit.Remove(old);
        }

        var usage = job.Layers.Select(l => l.Usage.Row).ToList();
        edit.Set(job.Show, job.Show.Row with
        {
            ArchivedRunsSucceeded = job.Show.Row.ArchivedRunsSucceeded + usage.Sum(u => u.Succeeded),
            ArchivedRunsFailed = job.Show.Row.ArchivedRunsFailed + usage.Sum(u => u.Failed),
        });
        edit.ArchiveJob(job);
        edit.Emit(FarmEventKind.JobArchived, job.Id, job.Id);
    }
}
