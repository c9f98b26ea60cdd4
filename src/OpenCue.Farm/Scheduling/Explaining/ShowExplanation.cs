using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>A show's share of an allocation, core points.</summary>
/// <param name="Allocation">Its name.</param>
/// <param name="Use">In use.</param>
/// <param name="Size">What it ought to have.</param>
/// <param name="Burst">What it may have.</param>
/// <param name="Hosts">How many hosts the allocation has.</param>
public sealed record Share(string Allocation, int Use, int Size, int Burst, int Hosts);

/// <summary>Why the work of a show waits.</summary>
/// <param name="Show">Its name.</param>
/// <param name="Reasons">What holds the show as a whole.</param>
/// <param name="Shares">What it may use.</param>
/// <param name="Groups">Its layers by what holds their frames, the most frames first.</param>
/// <param name="LayersLeftOut">Layers that need more kinds of hosts than were looked for.</param>
public sealed record ShowAnswer(
    string Show, IReadOnlyList<Reason> Reasons, IReadOnlyList<Share> Shares, IReadOnlyList<LayerGroup> Groups, int LayersLeftOut);

/// <summary>
/// Explains one show: all layers of its jobs, by the gate that holds them; those that no gate holds, by what keeps their frames from hosts. Of those, the
/// needs of most frames are looked at.
/// </summary>
/// <param name="find">Finds it in the farm.</param>
public sealed class ShowExplanation(Func<FarmModel, Show> find) : Explanation<ShowAnswer>
{
    /// <summary>So many different needs each host is looked at for.</summary>
    public const int MostNeeds = 24;
    private const int MostExamples = 5;

    private readonly Dictionary<(ReasonCode Code, object? About), Group> _groups = [];
    private readonly Dictionary<(Requirement, EntityId Facility), Need> _needs = [];
    private readonly List<ClosedGate> _closed = [];
    private List<Need>? _chosen;
    private Show _show = null!; // Begin sets it.

    /// <inheritdoc/>
    public override ICollection<Job> Jobs => _show.Jobs;

    /// <inheritdoc/>
    public override ICollection<Host> Hosts => Context.Farm.Hosts.All;

    /// <inheritdoc/>
    public override int Needs => MostNeeds;

    /// <inheritdoc/>
    public override void Begin()
    {
        _show = find(Context.Farm);
        _groups.Clear();
        _needs.Clear();
        _chosen = null;
    }

    /// <inheritdoc/>
    public override void Look(Job job)
    {
        if (job.Row.State is JobState.Finished or JobState.Startup)
        {
            return;
        }

        foreach (var layer in job.Layers)
        {
            var counts = layer.Counts;
            Add(ReasonCode.Running, null, layer, counts[FrameState.Running]);
            Add(ReasonCode.Dead, null, layer, counts[FrameState.Dead]);
            Add(ReasonCode.Checkpoint, null, layer, counts[FrameState.Checkpoint]);
            Add(ReasonCode.Depends, null, layer, counts[FrameState.Depend] + counts[FrameState.Setup]);
            if (layer.Waiting.Count > 0)
            {
                LookWaiting(layer);
            }
        }
    }

    /// <inheritdoc/>
    public override void Look(Host host)
    {
        // The jobs have been looked at: now it is known for what hosts are wanted.
        _chosen ??= Choose();
        foreach (var need in _chosen)
        {
            need.Counter.Add(host);
        }
    }

    /// <inheritdoc/>
    public override ShowAnswer End()
    {
        Expect(_show.InFarm, $"The show {_show.Row.Name}");
        foreach (var need in _chosen ?? Choose())
        {
            var layer = need.Layers[0].Layer;
            if (!layer.InFarm)
            {
                continue;
            }

            var reason = WaitReasons.Of(Context, layer, need.Counter, place: null)[0];
            foreach (var (other, frames) in need.Layers)
            {
                Add(reason.Code, AboutOf(reason), other, frames, reason);
            }
        }

        var shares = _show.Subscriptions
            .Select(s => new Share(s.Allocation.Row.Name, s.Use.CorePoints, s.Row.Size, s.Row.Burst, s.Allocation.Hosts.Count))
            .OrderBy(share => share.Allocation, StringComparer.Ordinal);
        var groups = _groups.Values.Select(group => new LayerGroup(Merged(group), group.Layers, group.Frames, group.Examples));
        var leftOut = _chosen is null ? 0 : _needs.Values.Except(_chosen).Sum(need => need.Layers.Count);
        var ordered = groups.OrderByDescending(group => group.Frames).ThenBy(group => group.Reason.Code);
        return new ShowAnswer(_show.Row.Name, OfShow(), [.. shares], [.. ordered], leftOut);
    }

    private void LookWaiting(Layer layer)
    {
        if (Context.Farm.Settings.TurnOffBooking)
        {
            Add(ReasonCode.FarmBookingOff, null, layer, layer.Waiting.Count);
            return;
        }

        _closed.Clear();
        if (WorkGates.Check(layer, WorkGates.LeastNeed(layer), Context.Now.WallMs, _closed) != WorkGate.Open)
        {
            // In words only once for all layers that the same holds.
            var (code, about) = WorkReasons.KeyOf(layer, _closed[0]);
            var reason = _groups.ContainsKey((code, about)) ? null : WorkReasons.Of(Context, layer, _closed[0]).FirstOrDefault();
            Add(code, about, layer, layer.Waiting.Count, reason);
            return;
        }

        var key = (Requirement.Of(layer), layer.Job.Facility.Id);
        if (!_needs.TryGetValue(key, out var need))
        {
            _needs.Add(key, need = new Need(new HostCounter(new Seeker(Context, layer))));
        }

        need.Layers.Add((layer, layer.Waiting.Count));
    }

    private List<Need> Choose() => [.. _needs.Values.OrderByDescending(need => need.Layers.Sum(layer => (long)layer.Frames)).Take(MostNeeds)];

    private void Add(ReasonCode code, object? about, Layer layer, int frames, Reason? reason = null)
    {
        if (frames == 0)
        {
            return;
        }

        if (!_groups.TryGetValue((code, about), out var group))
        {
            _groups.Add((code, about), group = new Group(code, reason));
        }

        group.Layers++;
        group.Frames += frames;
        if (group.Examples.Count < MostExamples)
        {
            group.Examples.Add($"{layer.Job.Row.Name} {layer.Row.Name}");
        }
    }

    /// <summary>Layers with reasons of the same code are put together, but for what is about something that they share.</summary>
    private static string? AboutOf(Reason reason) =>
        reason.Code is ReasonCode.LimitReached or ReasonCode.ShowAtBurst or ReasonCode.GroupAtMaxCores or ReasonCode.GroupAtMaxGpus ? reason.Subject : null;

    private static Reason Merged(Group group) => group.Reason is not { } first ? OfGroup(group)
        : group.Layers == 1 ? first
        : first with { Text = $"{first.Text} So it is, or much like it, with {Amounts.Count(group.Layers - 1, "other layer")}." };

    private static Reason OfGroup(Group group) => group.Code switch
    {
        ReasonCode.FarmBookingOff => WorkReasons.FarmOff(),
        ReasonCode.Depends => new Reason(
            ReasonCode.Depends, $"{Amounts.Count(group.Frames, "frame")} waiting for others.", "Wait, or drop or satisfy the depends."),
        ReasonCode.Dead => FrameReasons.OfState(FrameState.Dead, group.Frames),
        ReasonCode.Checkpoint => FrameReasons.OfState(FrameState.Checkpoint, group.Frames),
        _ => FrameReasons.OfState(FrameState.Running, group.Frames),
    };

    private List<Reason> OfShow()
    {
        var reasons = new List<Reason>();
        if (Context.Farm.Settings.TurnOffBooking)
        {
            reasons.Add(WorkReasons.FarmOff());
        }

        if (!_show.Row.BookingEnabled)
        {
            reasons.Add(WorkReasons.ShowOff(_show));
        }

        foreach (var subscription in _show.Subscriptions.OrderBy(s => s.Allocation.Row.Name, StringComparer.Ordinal))
        {
            var closed = new List<ClosedGate>();
            WorkGates.CheckSubscription(_show, subscription.Allocation, 1, closed);
            reasons.AddRange(closed.Select(gate => WorkReasons.AtBurst(_show, subscription.Allocation, gate)));
        }

        if (_show.Subscriptions.Count == 0)
        {
            reasons.Add(new Reason(
                ReasonCode.NoSubscription, $"The show {_show.Row.Name} has no subscription at all.", "Give it a subscription on an allocation that has hosts.")
            {
                Subject = _show.Row.Name, Never = true,
            });
        }

        return reasons;
    }

    private sealed class Group(ReasonCode code, Reason? reason)
    {
        public ReasonCode Code { get; } = code;

        public Reason? Reason { get; } = reason;

        public int Layers { get; set; }

        public long Frames { get; set; }

        public List<string> Examples { get; } = [];
    }

    private sealed class Need(HostCounter counter)
    {
        public HostCounter Counter { get; } = counter;

        public List<(Layer Layer, int Frames)> Layers { get; } = [];
    }
}
