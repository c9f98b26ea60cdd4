using System.Diagnostics.Metrics;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Scheduling.Policies;

namespace OpenCue.Cuebot.Hosting.Steps;

/// <summary>Makes known that a scheduling policy threw: each time as a metric, and as an alarm, not more than one in ten minutes for each policy.</summary>
internal sealed class PolicyAlarms
{
    private const long AlarmEveryMs = 600_000;

    private readonly Dictionary<string, PolicyFailure> _told = [];
    private readonly Dictionary<string, PolicyFailure> _toTell = [];
    private readonly Counter<long> _failures;

    /// <summary>Listens to the failures of these policies.</summary>
    public PolicyAlarms(SchedulingPolicies policies, Meter meter)
    {
        _failures = meter.CreateCounter<long>("opencue.scheduling.policy.failures", "{failure}", "Passes for which a scheduling policy was left out because it threw.");
        policies.OnFailure = OnFailure;
    }

    /// <summary>Raises the alarms that are due. Only for the writer.</summary>
    public void Raise(FarmEdit edit)
    {
        foreach (var failure in _toTell.Values)
        {
            _told[failure.Policy] = failure;
            edit.Emit(
                FarmEventKind.Alarm,
                default,
                reason: $"The scheduling policy {failure.Policy} failed (the {failure.Count}. time): {failure.Message} The order of {PriorityPolicy.PolicyName} is used "
                    + "instead while it fails. Put it right, or choose another one with cue facility policy.");
        }

        _toTell.Clear();
    }

    private void OnFailure(PolicyFailure failure)
    {
        _failures.Add(1, new KeyValuePair<string, object?>("policy", failure.Policy));
        if (!_told.TryGetValue(failure.Policy, out var last) || failure.EngineMs - last.EngineMs >= AlarmEveryMs)
        {
            _toTell[failure.Policy] = failure;
        }
    }
}
