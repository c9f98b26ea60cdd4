using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Hosts;

/// <summary>Compares the runs that a host reports with those that the farm holds there.</summary>
internal static class ReportedRuns
{
    private const long LongestStrayWaitMs = 300_000;

    /// <summary>Goes through a report: takes over what runs use, doubts runs that are missing, deals with runs that do not belong there.</summary>
    public static void Verify(FarmEdit edit, Host host, HostReport report)
    {
        var farm = edit.Farm;
        CountStrays(edit, host, report);
        HashSet<EntityId>? strays = null;
        foreach (var frame in report.Frames)
        {
            if (farm.Runs.TryGetValue(frame.RunId, out var run) && run.Host == host && run.FrameId == frame.FrameId)
            {
                TakeOver(edit, run, frame);
            }
            else
            {
                (strays ??= []).Add(frame.RunId);
                OnStray(edit, host, frame, run);
            }
        }

        foreach (var proc in host.Procs.ToArray())
        {
            // A run whose completion is announced has ended; how is still to come.
            if (proc.Run is { } run && run.Usage.SeenInReport != farm.ReportsApplied && !report.PendingCompletions.Contains(run.Id))
            {
                RunDoubts.NoteAbsent(edit, run);
            }
        }

        ForgetStrays(edit, host, strays);
    }

    /// <summary>What the agent says of a run that is where the farm holds it.</summary>
    private static void TakeOver(FarmEdit edit, Run run, RunningFrameReport frame)
    {
        var usage = run.Usage;
        usage.SeenEngineMs = edit.Now.EngineMs;
        usage.SeenInReport = edit.Farm.ReportsApplied;
        usage.SeenAtMs = edit.Now.WallMs;
        usage.RssKib = frame.RssKib;
        usage.MaxRssKib = Math.Max(usage.MaxRssKib, frame.MaxRssKib);
        usage.PssKib = frame.PssKib;
        usage.MaxPssKib = Math.Max(usage.MaxPssKib, frame.MaxPssKib);
        usage.VirtualKib = frame.VirtualKib;
        usage.SwapKib = frame.SwapKib;
        usage.GpuMemoryKib = frame.GpuMemoryKib;
        usage.Children = frame.Children;
        usage.ReportedStartMs = frame.StartedAtMs;
        var logUpdatedAtMs = frame.LogUpdatedSeconds * 1000;
        if (usage.LogGrewEngineMs is null || (logUpdatedAtMs != usage.LogUpdatedAtMs && logUpdatedAtMs != 0))
        {
            usage.LogGrewEngineMs = edit.Now.EngineMs;
        }

        usage.LogUpdatedAtMs = logUpdatedAtMs;
        if (run.Row.HostBootId is null && run.Host.Row.BootId is { } boot)
        {
            edit.Set(run, run.Row with { HostBootId = boot, HostBootTimeSeconds = run.Host.Row.BootTimeSeconds });
        }

        RunDoubts.Confirm(edit, run, store: true);
    }

    private static void OnStray(FarmEdit edit, Host host, RunningFrameReport frame, Run? held)
    {
        if (!host.Strays.TryGetValue(frame.RunId, out var stray))
        {
            stray = new StrayRun { FrameId = frame.FrameId, FirstSeenEngineMs = edit.Now.EngineMs };
            host.Strays.Add(frame.RunId, stray);

            // An agent that holds the frame refuses to start it, or runs it twice.
            edit.Farm.OpenCalls.Hold(host.Id, frame.FrameId);
            var job = edit.Farm.TryGetFrame(frame.FrameId, out var known, out _) ? known.Job.Id : default;
            RefusedReports.Tell(edit, host, frame.RunId, job, Describe(host, frame, held));
        }

        if (held is null && MayKill(edit, host, frame, stray))
        {
            stray.NextKillEngineMs = edit.Now.EngineMs + Math.Min(LongestStrayWaitMs, 10_000L << Math.Min(stray.Kills, 10));
            stray.Kills++;
            OldRuns.Kill(edit, host, frame.RunId, frame.FrameId);
            RunCalls.Hand(edit, new Effect(EffectKind.KillStray, frame.RunId, host.Id, frame.FrameId, "This run of the frame is not the current one."));
        }
    }

    /// <summary>
    /// A stray is killed only if its frame is known, it has been reported for a while (its end may just be under way), and the kill, which to most
    /// agents names only the frame, can't hit the frame's current run.
    /// </summary>
    private static bool MayKill(FarmEdit edit, Host host, RunningFrameReport frame, StrayRun stray)
    {
        var (farm, now) = (edit.Farm, edit.Now);
        if (!farm.TryGetFrame(frame.FrameId, out var layer, out var ordinal)
            || !farm.Strays.MayKill(farm, now)
            || now.EngineMs - stray.FirstSeenEngineMs < farm.Settings.StrayGraceMs
            || now.EngineMs < stray.NextKillEngineMs
            || farm.OpenCalls.IsOpen(EffectKind.KillStray, host.Id, frame.RunId))
        {
            return false;
        }

        if (host.Row.Agent != AgentKind.OpenCueNet && layer.Runs.TryGetValue(ordinal, out var current) && current.Host == host)
        {
            // The agent holds one run of a frame. That it is the stray and not the current one is sure only if the current one was not taken.
            return current.Row.Phase == RunPhase.Unknown && !current.Contact.AnyOpen;
        }

        return !farm.OpenCalls.IsAnyAbout(host.Id, frame.FrameId);
    }

    private static string Describe(Host host, RunningFrameReport frame, Run? held)
    {
        var what = $"{host.Row.Name} reports run {frame.RunId} of frame {frame.FrameName} of {frame.JobName}";
        return held switch
        {
            null => $"{what}, which the farm does not hold.",
            _ when held.Host != host => $"{what}, which the farm holds on {held.Row.HostName}. The report is not believed.",
            _ => $"{what} as frame {frame.FrameId}; it is of frame {held.FrameId}. The report is not believed.",
        };
    }

    /// <summary>What the first report of each host after a load says about whether this is the right store.</summary>
    private static void CountStrays(FarmEdit edit, Host host, HostReport report)
    {
        if (host.StraysCounted)
        {
            return;
        }

        host.StraysCounted = true;
        var watch = edit.Farm.Strays;
        foreach (var frame in report.Frames)
        {
            watch.Reported++;
            if (!edit.Farm.Runs.ContainsKey(frame.RunId) && edit.Farm.OldRuns.Find(frame.RunId) is null && !watch.HasEnded(frame.RunId))
            {
                watch.Unknown++;
            }
        }

        if (watch.TooMany && !watch.AlarmRaised)
        {
            watch.AlarmRaised = true;
            edit.Emit(
                FarmEventKind.Alarm,
                host.Id,
                reason: $"Hosts report runs that this farm does not hold ({watch.Unknown} of {watch.Reported}, the last ones on {host.Row.Name}). This may be the "
                    + "wrong database, or an old copy. No such run is killed; look, and if this is the right one say cue farm allow-kills.");
        }
    }

    private static void ForgetStrays(FarmEdit edit, Host host, HashSet<EntityId>? reported)
    {
        if (host.Strays.Count > 0)
        {
            foreach (var id in host.Strays.Keys.ToArray())
            {
                if ((reported is null || !reported.Contains(id)) && host.Strays.Remove(id, out var gone))
                {
                    edit.Farm.OpenCalls.Unhold(host.Id, gone.FrameId);
                    RunCalls.MarkFree(edit.Farm, host.Id, gone.FrameId);
                }
            }
        }

        foreach (var old in edit.Farm.OldRuns.On(host.Id).ToArray())
        {
            if (reported is null || !reported.Contains(old.Id))
            {
                OldRuns.NoteGone(edit, old);
            }
        }
    }
}
