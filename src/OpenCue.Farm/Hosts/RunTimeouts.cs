using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Hosts;

/// <summary>Kills runs that take too long, or whose log has not grown for too long, if their layer has a time-out.</summary>
internal static class RunTimeouts
{
    private const long Minute = 60_000;

    /// <summary>Looks at the runs that the report just applied has.</summary>
    /// <remarks>Times are engine time: a host's or the server's clock that jumps ends no run.</remarks>
    public static void Kill(FarmEdit edit, Host host)
    {
        var now = edit.Now.EngineMs;
        foreach (var proc in host.Procs)
        {
            if (proc.Run is not { Row.Kill: null } run || run.Usage.SeenInReport != edit.Farm.ReportsApplied)
            {
                continue;
            }

            var layer = run.Layer.Row;
            if (layer.TimeoutMinutes > 0 && (now - run.Row.BookedEngineMs) / Minute > layer.TimeoutMinutes)
            {
                Kill(edit, run, "Frame timed out");
            }
            else if (layer.TimeoutLogMinutes > 0
                && run.Usage.LogUpdatedAtMs > 0
                && run.Usage.LogGrewEngineMs is { } grew
                && (now - grew) / Minute >= layer.TimeoutLogMinutes)
            {
                Kill(edit, run, "Frame LLU timed out");
            }
        }
    }

    private static void Kill(FarmEdit edit, Run run, string reason)
    {
        run.Usage.KillAttempts++;
        RunKills.Order(edit, run, new KillOrder(KillOutcome.ByReport, reason, "cuebot", edit.Now.WallMs));
    }
}
