using System.Diagnostics.Metrics;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Runs;

namespace OpenCue.Cuebot.Launching;

/// <summary>What is measured about calls to agents.</summary>
internal sealed class LauncherInstruments(Meter meter)
{
    private readonly Counter<long> _calls = meter.CreateCounter<long>("opencue.agent.calls", "{call}", "Calls to agents that ended, by what they were and how they ended.");

    private readonly Histogram<double> _seconds = meter.CreateHistogram<double>("opencue.agent.call.duration", "s", "How long calls to agents took.");

    /// <summary>A call ended.</summary>
    public void Ended(EffectKind call, CallAnswer answer, TimeSpan took)
    {
        _calls.Add(1, new("call", call.ToString()), new("answer", answer.ToString()));
        if (answer != CallAnswer.Withdrawn)
        {
            _seconds.Record(took.TotalSeconds, new KeyValuePair<string, object?>("call", call.ToString()));
        }
    }

    /// <summary>Shows how many calls wait.</summary>
    public void ObserveBacklog(Func<int> backlog) => meter.CreateObservableGauge("opencue.agent.calls.waiting", backlog, "{call}", "Calls to agents that wait to be sent.");
}
