using OpenCue.Farm.Changes;
using OpenCue.Farm.Scheduling;

namespace OpenCue.Farm.Hosts;

/// <summary>
/// Applies what a host reports: first the host itself, then which runs it has and has not, then what they use, then the rules about time and memory.
/// </summary>
public static class HostReports
{
    /// <summary>
    /// Applies a report; adds the host if it is new. Throws <see cref="FarmException"/>, and changes nothing, if the report can't be used.
    /// </summary>
    public static Host Apply(FarmEdit edit, HostReport report)
    {
        report = ReportLimits.Clean(report);
        var farm = edit.Farm;
        var host = HostRegistration.Find(farm, report.HostName) ?? HostRegistration.Register(edit, report);
        if (report.Agent.BootId is { } boot && host.FormerBootIds.Contains(boot))
        {
            // It was made before the host booted, and says nothing about what runs there now.
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
}
