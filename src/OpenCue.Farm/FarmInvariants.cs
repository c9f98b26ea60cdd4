using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm;

/// <summary>
/// What must hold for a farm between any two commands, written as code: every sum, counter and index recomputed from the rows and compared with what
/// is kept. Tests run it after every command, and an administrator on a live farm; a finding is a defect of this software, never normal.
/// </summary>
public static partial class FarmInvariants
{
    private const int MostFindings = 100;

    /// <summary>What does not hold, as sentences; empty for a sound farm. At most 100.</summary>
    public static IReadOnlyList<string> Check(FarmModel farm)
    {
        var findings = new Findings();
        CheckHosts(farm, findings);
        CheckCaps(farm, findings);
        CheckJobs(farm, findings);
        CheckRuns(farm, findings);
        CheckDepends(farm, findings);
        return findings.All;
    }

    private static void CheckHosts(FarmModel farm, Findings findings)
    {
        var procs = 0;
        foreach (var host in farm.Hosts.All)
        {
            procs += host.Procs.Count;
            var reserved = Sum(host.Procs);
            findings.Expect(host.Reserved == reserved, () => $"host {host.Row.Name} counts {host.Reserved} as reserved, its procs reserve {reserved}");
            findings.Expect(
                reserved.FitsIn(host.Row.Total), () => $"host {host.Row.Name} has {host.Row.Total}, but its procs reserve {reserved}");
            findings.Expect(host.Allocation.Id == host.Row.AllocationId && host.Allocation.Hosts.Contains(host),
                () => $"host {host.Row.Name} is not linked to its allocation");
            findings.Expect(host.Row.Fqdn.Length == 0 || farm.HostsByFqdn.GetValueOrDefault(host.Row.Fqdn) == host,
                () => $"host {host.Row.Name} is not found by its full name {host.Row.Fqdn}");
            findings.Expect(farm.HostName(host.Row.Number) == host.Row.Name, () => $"host {host.Row.Name} is not found by its number");
        }

        findings.Expect(procs == farm.Procs.Count, () => $"{farm.Procs.Count} procs in the farm, {procs} on its hosts");
    }

    /// <summary>Subscriptions, groups and limits.</summary>
    private static void CheckCaps(FarmModel farm, Findings findings)
    {
        foreach (var subscription in farm.Subscriptions.Values)
        {
            var use = Sum(subscription.Allocation.Hosts.SelectMany(h => h.Procs).Where(p => !p.Row.Local && p.Job.Show == subscription.Show));
            findings.Expect(
                subscription.Use == use,
                () => $"subscription of {subscription.Show.Row.Name} on {subscription.Allocation.Row.Name} counts {subscription.Use}, its procs reserve {use}");
        }

        foreach (var group in farm.Groups.Values)
        {
            var use = Sum(group.Jobs.SelectMany(j => j.Procs).Where(p => !p.Row.Local));
            findings.Expect(group.Use == use, () => $"group {group.Row.Name} counts {group.Use}, its jobs' procs reserve {use}");
        }

        var running = farm.Layers.Values.SelectMany(l => l.Limits.Select(limit => (Limit: limit, l.Runs.Count))).ToLookup(l => l.Limit, l => l.Count);
        foreach (var limit in farm.Limits.All)
        {
            findings.Expect(
                limit.Running == running[limit].Sum(), () => $"limit {limit.Row.Name} counts {limit.Running} running frames, there are {running[limit].Sum()}");
        }
    }

    private static void CheckRuns(FarmModel farm, Findings findings)
    {
        foreach (var proc in farm.Procs.Values)
        {
            var linked = proc.Host.Procs.Contains(proc) && proc.Job.Procs.Contains(proc) && proc.Layer.InFarm && proc.Layer.Id == proc.Row.LayerId;
            findings.Expect(linked, () => $"proc {proc.Id} on {proc.Host.Row.Name} is not linked to its host, job and layer");
            findings.Expect(proc.Run is null || proc.Run.InFarm, () => $"proc {proc.Id} on {proc.Host.Row.Name} holds a run that has ended");
        }

        foreach (var run in farm.Runs.Values)
        {
            var frame = run.Ordinal < run.Layer.Frames.Length ? run.Layer.Frames[run.Ordinal].State : FrameState.Setup;
            findings.Expect(
                frame == FrameState.Running && run.Layer.Runs.GetValueOrDefault(run.Ordinal) == run,
                () => $"run {run.Id} on {run.Row.HostName} is not the run of its frame, which is {frame}");
            findings.Expect(run.Proc.Run == run && farm.Procs.ContainsKey(run.Proc.Id), () => $"run {run.Id} on {run.Row.HostName} is not in its proc");
            findings.Expect(run.Layer == run.Proc.Layer, () => $"run {run.Id} and its proc {run.Proc.Id} are of different layers");
            findings.Expect(run.Row.End == RunEnd.None, () => $"run {run.Id} has ended ({run.Row.End}) and is still in the farm");
        }

        var inLayers = farm.Layers.Values.Sum(l => l.Runs.Count);
        findings.Expect(inLayers == farm.Runs.Count, () => $"{farm.Runs.Count} runs in the farm, {inLayers} in its layers");
    }

    private static Resources Sum(IEnumerable<Proc> procs)
    {
        var sum = default(Resources);
        foreach (var proc in procs)
        {
            sum += proc.Row.Reserved;
        }

        return sum;
    }

    /// <summary>Sentences, up to a number; those behind are counted in the last one.</summary>
    private sealed class Findings
    {
        private readonly List<string> _all = [];
        private int _more;

        public IReadOnlyList<string> All => _more == 0 ? _all : [.. _all, $"and {_more} more"];

        public void Expect(bool holds, Func<string> otherwise)
        {
            if (holds)
            {
                return;
            }

            if (_all.Count < MostFindings - 1)
            {
                _all.Add(otherwise());
            }
            else
            {
                _more++;
            }
        }
    }
}
