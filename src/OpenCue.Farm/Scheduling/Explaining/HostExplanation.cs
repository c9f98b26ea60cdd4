using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>What waits and may use a host's allocation, by what keeps it off the host.</summary>
/// <param name="Lack">What; none if it would run there and others go first.</param>
/// <param name="Layers">How many layers.</param>
/// <param name="Frames">How many waiting frames.</param>
/// <param name="Least">The smallest amount that the host lacks for one of them: core points, KiB or GPUs.</param>
/// <param name="Examples">Job and layer of the first few.</param>
/// <param name="Text">The same in words.</param>
public sealed record HostWork(HostLack Lack, int Layers, long Frames, long Least, IReadOnlyList<string> Examples, string Text);

/// <summary>What runs on a host.</summary>
/// <param name="Job">The name of the job.</param>
/// <param name="Frame">The name of the frame; of the layer between two frames.</param>
/// <param name="Reserved">What it reserves.</param>
/// <param name="SinceMs">Since when, ms since 1970.</param>
public sealed record HostRun(string Job, string Frame, Resources Reserved, long SinceMs);

/// <summary>Why a host is not busier.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Reasons">What keeps it from taking more, the first being what the scheduler meets first.</param>
/// <param name="Idle">What is idle.</param>
/// <param name="Work">What waits and may use its allocation, the most frames first.</param>
/// <param name="Runs">What runs on it.</param>
public sealed record HostAnswer(string Host, IReadOnlyList<Reason> Reasons, Resources Idle, IReadOnlyList<HostWork> Work, IReadOnlyList<HostRun> Runs);

/// <summary>Explains one host: its gate, or what waits and why it does not run there.</summary>
/// <param name="find">Finds it in the farm.</param>
public sealed class HostExplanation(Func<FarmModel, Host> find) : Explanation<HostAnswer>
{
    private const int MostExamples = 3;

    private readonly Dictionary<HostLack, Group> _groups = [];
    private Host _host = null!; // Begin sets it.
    private long _held;

    /// <inheritdoc/>
    public override ICollection<Job> Jobs => Context.Farm.Jobs.All;

    /// <inheritdoc/>
    public override void Begin()
    {
        _host = find(Context.Farm);
        _groups.Clear();
        _held = 0;
    }

    /// <inheritdoc/>
    public override void Look(Job job)
    {
        if (job.Facility != _host.Allocation.Facility || job.Frames[FrameState.Waiting] == 0
            || WorkGates.CheckSubscription(job.Show, _host.Allocation, 0) == WorkGate.NoSubscription)
        {
            return;
        }

        foreach (var layer in job.Layers.Where(layer => layer.Waiting.Count > 0))
        {
            if (WorkGates.Check(layer, WorkGates.LeastNeed(layer), Context.Now.WallMs) != WorkGate.Open)
            {
                _held += layer.Waiting.Count;
                continue;
            }

            Add(new Seeker(Context, layer));
        }
    }

    /// <inheritdoc/>
    public override HostAnswer End()
    {
        Expect(_host.InFarm, $"The host {_host.Row.Name}");
        var work = _groups
            .Select(pair => new HostWork(
                pair.Key, pair.Value.Layers, pair.Value.Frames, pair.Value.Least, pair.Value.Examples, Text(pair.Key, pair.Value)))
            .OrderByDescending(item => item.Frames)
            .ToList();
        var runs = _host.Procs
            .OrderBy(proc => proc.DispatchedAtMs)
            .ThenBy(proc => proc.Id)
            .Select(proc => new HostRun(
                proc.Job.Row.Name, proc.Run is { } run ? run.Layer.FrameName(run.Ordinal) : proc.Layer.Row.Name, proc.Row.Reserved, proc.DispatchedAtMs));
        return new HostAnswer(_host.Row.Name, Reasons(work), _host.Idle, work, [.. runs]);
    }

    private void Add(Seeker seeker)
    {
        var found = seeker.Look(_host);
        if (!_groups.TryGetValue(found.First, out var group))
        {
            _groups.Add(found.First, group = new Group(seeker));
        }

        var amount = found.Amount(found.First);
        if (group.Layers == 0 || amount < group.Least)
        {
            (group.Least, group.Nearest) = (amount, seeker);
        }

        group.Layers++;
        group.Frames += seeker.Layer.Waiting.Count;
        if (group.Examples.Count < MostExamples)
        {
            group.Examples.Add($"{seeker.Layer.Job.Row.Name} {seeker.Layer.Row.Name}");
        }
    }

    private List<Reason> Reasons(List<HostWork> work)
    {
        var reasons = new List<Reason>();
        if (HostGateReasons.Of(Context, _host) is { } closed)
        {
            reasons.Add(closed);
        }

        if (Context.Scheduler.Reservations.On(_host) is { } reservation)
        {
            reasons.Add(HostGateReasons.Of(Context, reservation));
        }

        var allocation = _host.Allocation;
        if (allocation.Subscriptions.Count == 0)
        {
            reasons.Add(new Reason(
                ReasonCode.HostNoSubscriptions,
                $"No show has a subscription on {allocation.Row.Name}, where the host is.",
                "Give a show a subscription there, or move the host.")
            {
                Subject = allocation.Row.Name, Never = true,
            });
        }
        else if (reasons.Count == 0 && work.Count == 0)
        {
            var held = _held > 0 ? $" {Amounts.Count(_held, "frame")} wait for something else than a host." : "";
            reasons.Add(new Reason(ReasonCode.HostNothingWaits, $"Nothing waits that may use {allocation.Row.Name} and could start now.{held}")
            {
                Subject = allocation.Row.Name,
            });
        }
        else if (reasons.Count == 0)
        {
            reasons.Add(work.Exists(item => item.Lack == HostLack.None)
                ? new Reason(ReasonCode.Nothing, "Nothing keeps work from it: the scheduler books it in its next pass.")
                : new Reason(
                    ReasonCode.HostNothingFits,
                    $"{Amounts.Count(work.Sum(item => item.Frames), "frame")} in {Amounts.Count(work.Sum(item => (long)item.Layers), "layer")} "
                    + $"wait and may use {allocation.Row.Name}; none fits here now.",
                    "See below what they lack here.")
                {
                    Subject = allocation.Row.Name,
                });
        }

        return reasons;
    }

    private string Text(HostLack lack, Group group)
    {
        var frames = $"{Amounts.Count(group.Frames, "frame")} in {Amounts.Count(group.Layers, "layer")}";
        return lack == HostLack.None
            ? $"{frames} would run here"
            : $"for {frames} it {LackTexts.What(lack, group.Least, group.Nearest, _host)}{(group.Least > 0 && group.Layers > 1 ? " or more" : "")}";
    }

    private sealed class Group(Seeker first)
    {
        public Seeker Nearest { get; set; } = first;

        public int Layers { get; set; }

        public long Frames { get; set; }

        public long Least { get; set; }

        public List<string> Examples { get; } = [];
    }
}
