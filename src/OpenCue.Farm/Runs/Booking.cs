using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>
/// Makes runs. Who runs where is the scheduler's decision; here stands what must hold for every booking, whoever decided it, so that a mistake
/// there can't double a run or pass a cap.
/// </summary>
public static class Booking
{
    /// <summary>
    /// Books a frame in a new place on a host: makes the proc and the run, starts the frame, asks for the launch. Null, and nothing changed, if
    /// <see cref="CheckStart"/> refuses.
    /// </summary>
    public static Run? Start(FarmEdit edit, Host host, Layer layer, int ordinal, Resources reserve, bool local = false)
    {
        if (CheckStart(edit.Farm, edit.Now, host, layer, ordinal, reserve, local) != BookingRefusal.None)
        {
            return null;
        }

        var proc = new Proc(
            new ProcRow
            {
                Id = edit.NewId(),
                HostId = host.Id,
                LayerId = layer.Id,
                Reserved = reserve,
                BookedMemoryKib = reserve.MemoryKib,
                BookedAtMs = edit.Now.WallMs,
                Local = local,
            },
            host,
            layer);
        edit.Add(proc);
        return StartRun(edit, proc, layer, ordinal);
    }

    /// <summary>
    /// Books a frame of the same job in a place whose last run has ended; the place keeps what it reserves. Null, and nothing changed, if
    /// <see cref="CheckNext"/> refuses.
    /// </summary>
    public static Run? Next(FarmEdit edit, Proc proc, Layer layer, int ordinal)
    {
        if (CheckNext(edit.Farm, edit.Now, proc, layer, ordinal) != BookingRefusal.None)
        {
            return null;
        }

        if (proc.Layer != layer)
        {
            // A place that goes on with its layer has nothing new to store: what it runs, and since when, its run says.
            edit.Set(proc, proc.Row with { LayerId = layer.Id });
        }

        return StartRun(edit, proc, layer, ordinal);
    }

    /// <summary>What forbids <see cref="Start"/>, if anything.</summary>
    public static BookingRefusal CheckStart(FarmModel farm, FarmTime now, Host host, Layer layer, int ordinal, Resources reserve, bool local = false)
    {
        if (reserve.CorePoints <= 0 || reserve.MemoryKib < 0 || reserve.Gpus < 0 || reserve.GpuMemoryKib < 0)
        {
            return BookingRefusal.Reservation;
        }

        var refusal = CheckFrame(farm, now, host, layer, ordinal);
        if (refusal != BookingRefusal.None)
        {
            return refusal;
        }

        if (!reserve.FitsIn(host.Idle))
        {
            return BookingRefusal.HostRoom;
        }

        if (host.IsAtProcCap)
        {
            return BookingRefusal.ProcCap;
        }

        return local ? BookingRefusal.None : CheckCaps(host, layer.Job, reserve);
    }

    /// <summary>What forbids <see cref="Next"/>, if anything.</summary>
    public static BookingRefusal CheckNext(FarmModel farm, FarmTime now, Proc proc, Layer layer, int ordinal)
    {
        var place = proc.Row.Reserved;
        if (proc.Run is not null || !proc.InFarm || layer.Job != proc.Job
            || layer.Row.MinMemoryKib > place.MemoryKib || layer.Row.MinGpus > place.Gpus || layer.Row.MinGpuMemoryKib > place.GpuMemoryKib)
        {
            return BookingRefusal.Place;
        }

        return CheckFrame(farm, now, proc.Host, layer, ordinal);
    }

    private static BookingRefusal CheckFrame(FarmModel farm, FarmTime now, Host host, Layer layer, int ordinal)
    {
        if (layer.Job.Row.State != JobState.Pending)
        {
            return BookingRefusal.JobNotPending;
        }

        if ((uint)ordinal >= (uint)layer.FrameCount || layer.Frames[ordinal].State != FrameState.Waiting || layer.Runs.ContainsKey(ordinal))
        {
            return BookingRefusal.FrameNotWaiting;
        }

        if (layer.Row.StartAfterMs > now.WallMs)
        {
            return BookingRefusal.StartAfter;
        }

        foreach (var limit in layer.Limits)
        {
            if (!limit.HasRoomFor(host, layer.Job.Row.User))
            {
                return BookingRefusal.Limit;
            }
        }

        if (farm.OpenCalls.Contains(host.Id, layer.FrameId(ordinal)))
        {
            return BookingRefusal.OpenCall;
        }

        return host.IsRestingFromLaunches(now.EngineMs) ? BookingRefusal.LaunchBackOff : BookingRefusal.None;
    }

    private static BookingRefusal CheckCaps(Host host, Job job, Resources reserve)
    {
        if (!host.Allocation.Subscriptions.TryGetValue(job.Show.Id, out var subscription))
        {
            return BookingRefusal.NoSubscription;
        }

        if (subscription.Use.CorePoints + reserve.CorePoints > subscription.Row.Burst)
        {
            return BookingRefusal.Burst;
        }

        var group = job.Group;
        if (IsOver(group.Use.CorePoints, reserve.CorePoints, group.Row.MaxCores) || IsOver(group.Use.Gpus, reserve.Gpus, group.Row.MaxGpus))
        {
            return BookingRefusal.GroupMaximum;
        }

        return IsOver(job.Use.CorePoints, reserve.CorePoints, job.Row.MaxCores) || IsOver(job.Use.Gpus, reserve.Gpus, job.Row.MaxGpus)
            ? BookingRefusal.JobMaximum
            : BookingRefusal.None;
    }

    /// <summary>−1 is no maximum. What needs none of a kind is not held up by a cap of that kind that others have passed.</summary>
    private static bool IsOver(int use, int more, int maximum) => more > 0 && maximum >= 0 && use + more > maximum;

    private static Run StartRun(FarmEdit edit, Proc proc, Layer layer, int ordinal)
    {
        var host = proc.Host;
        var run = new Run(
            new RunRow
            {
                Id = edit.NewId(),
                LayerId = layer.Id,
                FrameOrdinal = ordinal,
                JobId = layer.Job.Id,
                ProcId = proc.Id,
                HostId = host.Id,
                HostName = host.Row.Name,
                Reserved = proc.Row.Reserved,
                BookedEngineMs = edit.Now.EngineMs,
                BookedAtMs = edit.Now.WallMs,
                HostBootTimeSeconds = host.Row.BootTimeSeconds,
                AgentInstance = host.Row.AgentInstance,
            },
            proc);
        edit.Add(run);
        FrameRules.Start(edit, run);
        edit.Emit(FarmEventKind.RunBooked, run.Id, layer.Job.Id, reason: host.Row.Name);
        RunCalls.Order(edit, EffectKind.LaunchRun, run);
        LaunchBackOff.NoteBooked(edit, host);
        return run;
    }
}
