using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>
/// What happens when a host falls silent. After <see cref="FarmSettings.HostDownAfterMs"/> it is DOWN and its runs are unknown: they may well go on.
/// After <see cref="FarmSettings.HostLostWaitMs"/> the layer's <see cref="OnHostLost"/> decides.
/// </summary>
public static class LostHosts
{
    /// <summary>
    /// If so much engine time passed between two looks, it was the server that was away (held up, stopped, without its store), and reports may be
    /// waiting to be heard: all hosts get the full time again.
    /// </summary>
    private const long ServerWasAwayMs = 60_000;

    /// <summary>Looks for silent hosts. Call it about every ten seconds.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="most">Runs to change at the most, so that the loss of a whole floor is no big batch.</param>
    /// <returns>False if there is more to do: call it again at once.</returns>
    public static bool Sweep(FarmEdit edit, int most = 2000)
    {
        var farm = edit.Farm;
        var now = edit.Now.EngineMs;
        if (WasServerAway(farm, now))
        {
            farm.HearingSinceEngineMs = now;
        }

        farm.LastSweepEngineMs = now;
        foreach (var host in farm.Hosts.All)
        {
            var silentMs = SilentMs(farm, host, now);
            if (silentMs >= farm.Settings.HostDownAfterMs)
            {
                most -= OnSilent(edit, host, silentMs);
                if (most <= 0)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>For how long the host has not reported although the server would have heard it, ms.</summary>
    internal static long SilentMs(FarmModel farm, Host host, long engineMs) =>
        WasServerAway(farm, engineMs) ? 0 : engineMs - Math.Max(host.LastReportEngineMs ?? long.MinValue, farm.HearingSinceEngineMs);

    private static bool WasServerAway(FarmModel farm, long engineMs) =>
        engineMs - (farm.LastSweepEngineMs ?? farm.LoadedEngineMs) > ServerWasAwayMs;

    private static int OnSilent(FarmEdit edit, Host host, long silentMs)
    {
        if (host.Row.State == HardwareState.Up)
        {
            HostRules.SetState(edit, host, HardwareState.Down, $"It has not reported for {silentMs / 1000} s.");
        }

        var changed = 0;
        foreach (var proc in host.Procs.ToArray())
        {
            if (proc.Run is { } run)
            {
                changed += run.Row.Phase == RunPhase.Unknown ? 0 : 1;
                RunDoubts.MarkUnknown(edit, run, $"{host.Row.Name} has not reported for {silentMs / 1000} s.");
                if (silentMs >= edit.Farm.Settings.HostLostWaitMs && OnLost(edit, run, silentMs))
                {
                    changed++;
                }
            }
        }

        return changed;
    }

    private static bool OnLost(FarmEdit edit, Run run, long silentMs)
    {
        if (run.Contact.LaunchOpen)
        {
            return false;
        }

        switch (run.Layer.Row.OnHostLost)
        {
            case OnHostLost.Retry:
                RunEnds.End(
                    edit,
                    run,
                    RunEnd.AssumedLost,
                    $"{run.Row.HostName} has not reported for {silentMs / 1000} s, and layer {run.Layer.Row.Name} says retry. Nobody proved that it ended.");
                return true;
            case OnHostLost.Ask when !run.Contact.PersonTold:
                edit.Emit(
                    FarmEventKind.Alarm,
                    run.Id,
                    run.Layer.Job.Id,
                    reason: $"Frame {run.Layer.FrameName(run.Ordinal)} of {run.Layer.Job.Row.Name} may still run on {run.Row.HostName}, which has not reported for "
                        + $"{silentMs / 1000} s. {RunRules.WaysOut}");
                RunCalls.Note(edit, run, run.Contact with { PersonTold = true });
                return false;
            default:
                return false;
        }
    }
}
