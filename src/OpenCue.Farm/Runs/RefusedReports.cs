using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;

namespace OpenCue.Farm.Runs;

/// <summary>
/// Tells of reports that are not believed, so many from one host in a while: a broken or lying host invents runs by the thousand, and each event is
/// kept, pushed and looked at.
/// </summary>
public sealed class RefusedReports
{
    /// <summary>So many are told one by one.</summary>
    public const int MostTold = 50;

    private const long PerMs = 600_000;

    private long _sinceEngineMs;
    private int _told;

    /// <summary>Refused since the load, told or not.</summary>
    public long Count { get; private set; }

    /// <summary>Tells of a refused report; the last one that is told says that others follow untold.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="host">Who sent it; null if the farm does not know the host.</param>
    /// <param name="run">The run.</param>
    /// <param name="job">The job of its frame, if known.</param>
    /// <param name="reason">Why it is refused.</param>
    /// <param name="exitStatus">What it says of the run's end, if anything.</param>
    public static void Tell(FarmEdit edit, Host? host, EntityId run, EntityId job, string reason, int exitStatus = 0)
    {
        var refused = host?.RefusedReports ?? edit.Farm.RefusedOfUnknownHosts;
        if (refused.MayTell(edit.Now.EngineMs) is not { } last)
        {
            return;
        }

        edit.Emit(
            FarmEventKind.RunReportRefused,
            run,
            job,
            to: exitStatus,
            reason: last ? $"{reason} {(host is null ? "Hosts that the farm does not know report" : $"{host.Row.Name} reports")} too many such runs: more are not told of for {PerMs / 60_000} minutes." : reason);
    }

    /// <summary>Whether one more may be told, and whether it is the last one for a while.</summary>
    private bool? MayTell(long nowEngineMs)
    {
        Count++;
        if (nowEngineMs - _sinceEngineMs >= PerMs)
        {
            (_sinceEngineMs, _told) = (nowEngineMs, 0);
        }

        return _told < MostTold ? ++_told == MostTold : null;
    }
}
