using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>Finds again, from the farm alone, what has to be done in the world.</summary>
public static class Recovery
{
    /// <summary>
    /// The first command after a load: a run that nobody confirmed is asked about before anything else (its launch may or may not have been sent), an
    /// order to kill is given again.
    /// </summary>
    public static void Begin(FarmEdit edit)
    {
        foreach (var run in edit.Farm.Runs.Values.ToArray())
        {
            HoldIfKilledBefore(edit, run);
            if (run.Row.Kill is not null)
            {
                RunCalls.Order(edit, EffectKind.KillRun, run);
            }
            else if (run.Row.Phase != RunPhase.Started)
            {
                RunCalls.Note(edit, run, run.Contact with { IsDoubted = true });
                RunCalls.Order(edit, EffectKind.SettleRun, run);
            }
        }

        HoldJustStopped(edit);
    }

    /// <summary>
    /// All calls that are open by the model: what must be under way. Whoever carries out effects compares it with what he has in hand after effects
    /// were dropped on the way to him.
    /// </summary>
    public static IEnumerable<Effect> OpenEffects(FarmModel farm)
    {
        foreach (var call in farm.OpenCalls.All)
        {
            yield return call;
        }

        foreach (var host in farm.HostsToTell)
        {
            yield return new Effect(EffectKind.TellLock, host.Id, host.Id);
        }
    }

    /// <summary>
    /// A run that ends soon after the load may have a kill of the process before this one on its way: ordered, or sent as the only way to ask.
    /// </summary>
    private static void HoldIfKilledBefore(FarmEdit edit, Run run)
    {
        if (run.Host.Row.Agent != AgentKind.OpenCueNet && (run.Row.Kill is not null || run.Row.Phase == RunPhase.Unknown))
        {
            var settings = edit.Farm.Settings;
            edit.Farm.OpenCalls.HoldUntil(run.Host.Id, run.FrameId, edit.Now.EngineMs + settings.LaunchDeadlineMs + settings.ForgottenAfterMs);
        }
    }

    /// <summary>
    /// A kill that the process before this one sent may be carried out late. It would hit the next run of its frame on the same host, if the agent does
    /// not look at run ids: frames that stopped a moment ago are held off such hosts for a while.
    /// </summary>
    /// <remarks>
    /// A moment before the last change that is stored, and not before now alone: the clock may have been set meanwhile. What counts is when the end was
    /// stored, as a completion may come long after it.
    /// </remarks>
    private static void HoldJustStopped(FarmEdit edit)
    {
        var farm = edit.Farm;
        var hosts = farm.Hosts.All.Where(h => h.Row.Agent != AgentKind.OpenCueNet).ToDictionary(h => h.Row.Number);
        if (hosts.Count == 0)
        {
            return;
        }

        // Frames at rest stopped before that.
        var layers = farm.Layers.Values.Where(l => l.HasFrames).ToArray();
        var last = layers.Length == 0 ? 0 : layers.Max(LastChange);
        foreach (var layer in layers)
        {
            HoldJustStopped(edit, layer, hosts, Math.Min(edit.Now.WallMs, last) - HoldMs(farm));
        }
    }

    private static long LastChange(Layer layer)
    {
        var last = 0L;
        foreach (ref readonly var frame in layer.Frames)
        {
            last = Math.Max(last, frame.UpdatedAtMs);
        }

        return last;
    }

    private static void HoldJustStopped(FarmEdit edit, Layer layer, Dictionary<int, Host> hosts, long since)
    {
        var (farm, holdMs) = (edit.Farm, HoldMs(edit.Farm));
        for (var i = 0; i < layer.FrameCount; i++)
        {
            ref readonly var frame = ref layer.Frames[i];
            if (frame.StoppedAtMs > 0 && Math.Max(frame.StoppedAtMs, frame.UpdatedAtMs) > since && hosts.TryGetValue(frame.HostNumber, out var host))
            {
                farm.OpenCalls.HoldUntil(host.Id, layer.FrameId(i), edit.Now.EngineMs + holdMs);
            }
        }
    }

    private static long HoldMs(FarmModel farm) => farm.Settings.LaunchDeadlineMs + farm.Settings.ForgottenAfterMs;
}
