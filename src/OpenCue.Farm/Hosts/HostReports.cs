using OpenCue.Farm.Changes;
using OpenCue.Farm.Scheduling;

namespace OpenCue.Farm.Hosts;

/// <summary>
/// Applies what a host reports: first the host itself, then which runs it has and has not, then what they use, then the rules about time and memory.
/// </summary>
public static class HostReports
{
    /// <summary>How long a report may be under way, ms.</summary>
    internal const long LongestDelayMs = 90_000;

    /// <summary>
    /// Applies a report; adds the host if it is new. Throws <see cref="FarmException"/>, and changes nothing, if the report can't be used.
    /// </summary>
    public static Host Apply(FarmEdit edit, HostReport report)
    {
        report = ReportLimits.Clean(report);
        var farm = edit.Farm;
        var host = HostRegistration.Find(farm, report, edit.Now) ?? HostRegistration.Register(edit, report);
        if (IsOfFormerBoot(edit, host, report))
        {
            return host;
        }

        farm.ReportsApplied++;
        var gate = HostGates.Check(host, farm.Settings, edit.Now.EngineMs);
        HostStates.Measure(edit, host, report);
        HostStates.Apply(edit, host, report);
        if (!report.IsBoot)
        {
            ReportedRuns.Verify(edit, host, report);
        }

        HostStates.ApplyTotals(edit, host, report);
        if (!report.IsBoot)
        {
            RunTimeouts.Kill(edit, host);
            MemoryPolicy.Apply(edit, host, report);
        }

        host.LastReportEngineMs = edit.Now.EngineMs;
        if (HostGates.Check(host, farm.Settings, edit.Now.EngineMs) != gate)
        {
            edit.Marks.Hosts.Add(host);
        }

        return host;
    }

    /// <summary>
    /// True for a report that was long under way, made before the host booted: it says nothing about what runs there now. Only as long as the present
    /// boot is heard of, too: boot ids have no order, and a boot time is a clock's word.
    /// </summary>
    private static bool IsOfFormerBoot(FarmEdit edit, Host host, HostReport report)
    {
        if (report.Agent.BootId is not { } boot || host.Row.BootId is not { } present || boot == present)
        {
            return false;
        }

        var heardMs = edit.Now.EngineMs - (host.LastReportEngineMs ?? edit.Farm.LoadedEngineMs);
        var isEarlier = report.BootTimeSeconds > 0 && report.BootTimeSeconds < host.Row.BootTimeSeconds;

        // A boot report comes once: of a boot that was never heard of it counts, although the clock was set back meanwhile.
        return heardMs < LongestDelayMs && ((isEarlier && !report.IsBoot) || host.FormerBootIds.Contains(boot));
    }
}
