using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm;

/// <summary>
/// What must hold for a farm between any two commands, written as code: every sum, counter and index recomputed from the rows and compared
/// with what is kept. Tests run it after every command, and an administrator on a live farm; a finding is a defect of this software, never
/// normal.
/// </summary>
/// <remarks>It changes nothing: on a live farm it reads like any query, part by part, so that it holds nobody up.</remarks>
public static partial class FarmInvariants
{
    private const int MostFindings = 100;

    /// <summary>What does not hold, as sentences; empty for a sound farm. At most 100.</summary>
    public static IReadOnlyList<string> Check(FarmModel farm)
    {
        var findings = new Findings();
        foreach (var part in Parts(farm))
        {
            Check(farm, part, findings);
        }

        return findings.All;
    }

    /// <summary>What does not hold in one part; empty if it is sound or gone. At most 100.</summary>
    public static IReadOnlyList<string> Check(FarmModel farm, FarmPart part)
    {
        var findings = new Findings();
        Check(farm, part, findings);
        return findings.All;
    }

    /// <summary>
    /// The parts that the farm has now. Each can be checked at another time: what it says holds between any two commands.
    /// </summary>
    public static IReadOnlyList<FarmPart> Parts(FarmModel farm) =>
    [
        .. farm.Hosts.All.Select(host => new FarmPart(FarmPartKind.Host, host.Id)),
        .. farm.Subscriptions.Keys.Select(id => new FarmPart(FarmPartKind.Subscription, id)),
        .. farm.Groups.Keys.Select(id => new FarmPart(FarmPartKind.Group, id)),
        .. farm.Jobs.All.Select(job => new FarmPart(FarmPartKind.Job, job.Id)),
        .. farm.Layers.Keys.Select(id => new FarmPart(FarmPartKind.Layer, id)),
        .. farm.Depends.Keys.Select(id => new FarmPart(FarmPartKind.Depend, id)),
        new FarmPart(FarmPartKind.Totals),
    ];

    private static void Check(FarmModel farm, FarmPart part, Findings findings)
    {
        switch (part.Kind)
        {
            case FarmPartKind.Host when farm.Hosts.TryGet(part.Id, out var host):
                CheckHost(farm, host, findings);
                break;
            case FarmPartKind.Subscription when farm.Subscriptions.TryGetValue(part.Id, out var subscription):
                CheckSubscription(subscription, findings);
                break;
            case FarmPartKind.Group when farm.Groups.TryGetValue(part.Id, out var group):
                CheckGroup(group, findings);
                break;
            case FarmPartKind.Job when farm.Jobs.TryGet(part.Id, out var job):
                CheckJob(farm, job, findings);
                break;
            case FarmPartKind.Layer when farm.Layers.TryGetValue(part.Id, out var layer):
                CheckLayer(farm, layer, findings);
                break;
            case FarmPartKind.Depend when farm.Depends.TryGetValue(part.Id, out var depend):
                CheckDepend(depend, findings);
                break;
            case FarmPartKind.Totals:
                CheckTotals(farm, findings);
                break;
            default:
                break; // It has gone since the parts were listed.
        }
    }

    private static void CheckHost(FarmModel farm, Host host, Findings findings)
    {
        var reserved = Sum(host.Procs);
        findings.Expect(
            host.Reserved == reserved, () => $"host {host.Row.Name} counts {host.Reserved} as reserved, its procs reserve {reserved}");
        findings.Expect(
            reserved.FitsIn(host.Row.Total), () => $"host {host.Row.Name} has {host.Row.Total}, but its procs reserve {reserved}");
        findings.Expect(host.Allocation.Id == host.Row.AllocationId && host.Allocation.Hosts.Contains(host),
            () => $"host {host.Row.Name} is not linked to its allocation");
        findings.Expect(host.Row.Fqdn.Length == 0 || farm.HostsByFqdn.GetValueOrDefault(host.Row.Fqdn) == host,
            () => $"host {host.Row.Name} is not found by its full name {host.Row.Fqdn}");
        findings.Expect(farm.HostName(host.Row.Number) == host.Row.Name, () => $"host {host.Row.Name} is not found by its number");
        foreach (var proc in host.Procs)
        {
            CheckProc(farm, proc, findings);
        }
    }

    private static void CheckProc(FarmModel farm, Proc proc, Findings findings)
    {
        var linked = farm.Procs.GetValueOrDefault(proc.Id) == proc && proc.Job.Procs.Contains(proc)
            && proc.Layer.InFarm && proc.Layer.Id == proc.Row.LayerId;
        findings.Expect(linked, () => $"proc {proc.Id} on {proc.Host.Row.Name} is not linked to its host, job and layer");
        findings.Expect(proc.Run is null || proc.Run.InFarm, () => $"proc {proc.Id} on {proc.Host.Row.Name} holds a run that has ended");
    }

    private static void CheckSubscription(Subscription subscription, Findings findings)
    {
        var use = Sum(subscription.Allocation.Hosts.SelectMany(h => h.Procs).Where(p => !p.Row.Local && p.Job.Show == subscription.Show));
        findings.Expect(
            subscription.Use == use,
            () => $"subscription of {subscription.Show.Row.Name} on {subscription.Allocation.Row.Name} counts {subscription.Use}, "
                + $"its procs reserve {use}");
    }

    private static void CheckGroup(Group group, Findings findings)
    {
        var use = Sum(group.Jobs.SelectMany(j => j.Procs).Where(p => !p.Row.Local));
        findings.Expect(group.Use == use, () => $"group {group.Row.Name} counts {group.Use}, its jobs' procs reserve {use}");
    }

    /// <summary>What only the whole farm shows: that nothing is in one place and missing in the other.</summary>
    private static void CheckTotals(FarmModel farm, Findings findings)
    {
        var procs = farm.Hosts.All.Sum(h => h.Procs.Count);
        findings.Expect(procs == farm.Procs.Count, () => $"{farm.Procs.Count} procs in the farm, {procs} on its hosts");
        var runs = farm.Layers.Values.Sum(l => l.Runs.Count);
        findings.Expect(runs == farm.Runs.Count, () => $"{farm.Runs.Count} runs in the farm, {runs} in its layers");
        var layers = farm.Jobs.All.Sum(j => j.Layers.Count);
        findings.Expect(layers == farm.Layers.Count, () => $"{farm.Layers.Count} layers in the farm, {layers} in its jobs");
        foreach (var run in farm.Runs.Values)
        {
            CheckRun(farm, run, findings);
        }

        CheckLimits(farm, findings);
        foreach (var operation in farm.Operations.Values)
        {
            findings.Expect(farm.Jobs.Find(operation.Row.JobId) is not null, () => $"operation {operation.Id} is about a job that is gone");
        }
    }

    private static void CheckRun(FarmModel farm, Run run, Findings findings)
    {
        var frame = run.Layer.HasFrames && run.Ordinal < run.Layer.FrameCount ? run.Layer.Frames[run.Ordinal].State : FrameState.Setup;
        findings.Expect(
            frame == FrameState.Running && run.Layer.Runs.GetValueOrDefault(run.Ordinal) == run,
            () => $"run {run.Id} on {run.Row.HostName} is not the run of its frame, which is {frame}");
        findings.Expect(
            run.Proc.Run == run && farm.Procs.ContainsKey(run.Proc.Id), () => $"run {run.Id} on {run.Row.HostName} is not in its proc");
        findings.Expect(run.Layer == run.Proc.Layer, () => $"run {run.Id} and its proc {run.Proc.Id} are of different layers");
        findings.Expect(run.Row.End == RunEnd.None, () => $"run {run.Id} has ended ({run.Row.End}) and is still in the farm");
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
