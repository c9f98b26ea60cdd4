using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Jobs;

/// <summary>
/// Finished jobs stay for days, and nobody looks at most of them again: after a while it is noted that their frames are at rest, and memory lets go
/// of them. The job, its layers, counts and sums stay.
/// </summary>
public static class JobRest
{
    /// <summary>
    /// Notes that the frames of jobs are at rest that finished long enough ago, up to about <paramref name="most"/> layers. Returns how many.
    /// </summary>
    public static int PutDue(FarmEdit edit, int most)
    {
        var before = edit.Now.WallMs - (edit.Farm.Settings.FinishedFramesStayMinutes * 60_000L);
        var due = new List<Job>();
        foreach (var job in edit.Farm.Jobs.Restless)
        {
            if (job.Row.StoppedAtMs >= before || due.Count == most)
            {
                break;
            }

            if (CanRest(edit.Farm, job) && !JustStopped(edit, job))
            {
                due.Add(job);
            }
        }

        var put = 0;
        for (var i = 0; i < due.Count && put < most; i++)
        {
            put += Put(edit, due[i]);
        }

        return put;
    }

    /// <summary>Notes that the frames of a job are at rest. Returns of how many layers it was not noted yet; none if they still move.</summary>
    public static int Put(FarmEdit edit, Job job)
    {
        if (!CanRest(edit.Farm, job))
        {
            return 0;
        }

        var put = 0;
        foreach (var layer in job.Layers)
        {
            if (layer.Rest is null)
            {
                edit.Add(new FramesAtRest(FramesAtRestRow.Of(layer), layer));
                put++;
            }
        }

        return put;
    }

    /// <summary>
    /// The job is about to change its frames, or to become pending: all of them are needed in memory, and nothing of it is at rest any more.
    /// </summary>
    public static void Wake(FarmEdit edit, Job job)
    {
        if (job.Layers.Exists(l => !l.HasFrames))
        {
            throw new FramesAwayException(job);
        }

        foreach (var layer in job.Layers)
        {
            if (layer.Rest is { } rest)
            {
                edit.Remove(rest);
            }
        }
    }

    /// <summary>
    /// True while calls may be under way about a run of the job that has ended: after a restart frames are held off for them (<see cref="Runs.Recovery"/>),
    /// and those at rest are passed over.
    /// </summary>
    private static bool JustStopped(FarmEdit edit, Job job)
    {
        var after = edit.Now.WallMs - edit.Farm.Settings.LaunchDeadlineMs - edit.Farm.Settings.ForgottenAfterMs;
        foreach (var layer in job.Layers)
        {
            // What never started is not in the layer's sums, so each frame is asked.
            foreach (ref readonly var frame in layer.HasFrames ? layer.Frames : [])
            {
                if (frame.StoppedAtMs > after)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>
    /// True if nothing moves in the job's frames: no run that has not ended, no operation, and no depend that still holds one and would free it.
    /// </summary>
    public static bool CanRest(FarmModel farm, Job job)
    {
        // Only these states are noted: a frame in another would be missed by the next load.
        var moving = job.Frames[FrameState.Setup] + job.Frames[FrameState.Depend] + job.Frames[FrameState.Running];
        if (job.Row.State != JobState.Finished || moving > 0 || job.OpenRuns > 0 || job.Procs.Count > 0)
        {
            return false;
        }

        foreach (var depend in job.WaitsOn)
        {
            if (depend.Row.Active)
            {
                return false;
            }
        }

        foreach (var operation in farm.Operations.Values)
        {
            if (operation.Row.JobId == job.Id)
            {
                return false;
            }
        }

        return true;
    }
}
