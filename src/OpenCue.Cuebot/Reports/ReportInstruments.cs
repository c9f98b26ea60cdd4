using System.Diagnostics.Metrics;
using OpenCue.Farm.Runs;

namespace OpenCue.Cuebot.Reports;

/// <summary>What is measured about agents' reports.</summary>
internal sealed class ReportInstruments(Meter meter)
{
    /// <summary>Host and boot reports that were taken.</summary>
    public Counter<long> Reports { get; } = meter.CreateCounter<long>("opencue.reports", "{report}", "Host and boot reports that were queued.");

    /// <summary>Reports that could not be used.</summary>
    public Counter<long> Unusable { get; } = meter.CreateCounter<long>("opencue.reports.unusable", "{report}", "Reports that were answered and not used: see the log.");

    /// <summary>Reports whose answer waited: see <see cref="ReportPace"/>.</summary>
    public Counter<long> Held { get; } = meter.CreateCounter<long>("opencue.reports.held", "{report}", "Reports that were answered later, because too many came.");

    private readonly Counter<long> _completions = meter.CreateCounter<long>("opencue.completions", "{report}", "Completion reports, by what became of them.");

    /// <summary>A completion was dealt with.</summary>
    public void Completed(CompletionVerdict verdict) => _completions.Add(1, new KeyValuePair<string, object?>("verdict", verdict.ToString()));
}
