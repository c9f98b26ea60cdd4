using FsCheck;
using FsCheck.Fluent;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Scheduling;
using OpenCue.Farm.Scheduling.Matching;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Tests.Scheduling;

/// <summary>What must hold of the scheduler whatever happens on the farm, in whatever order, and however its passes are cut in slices.</summary>
public sealed class SchedulerProperties
{
    /// <summary>
    /// The memory of misses and the marks must never hide something that could run: what the incremental pass left over, a look at everything leaves
    /// over too.
    /// </summary>
    [Fact]
    public void Once_the_incremental_pass_has_settled_a_look_at_everything_books_nothing_more() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var life = new FarmLife(seed, "PRIORITY_ONLY", "FIFO", "BALANCED", "FAIR_SHARE");
            for (var step = 0; step < 80; step++)
            {
                life.Step();
                life.PassInSlices();
                if (step % 4 == 0)
                {
                    life.Farm.Pass();
                    var before = life.Farm.Farm.Runs.Count;
                    life.Farm.Scheduler.Reset();
                    life.Farm.Pass();
                    if (life.Farm.Farm.Runs.Count != before)
                    {
                        var extra = life.Farm.Farm.Runs.Values.Last();
                        return false.Label(
                            $"seed {seed}, step {step}: the look at everything booked {life.Farm.Farm.Runs.Count - before} more, as {life.Tell(extra.Layer)} on {extra.Host.Row.Name}");
                    }
                }

                if (life.CapPassed() is { } cap)
                {
                    return false.Label($"seed {seed}, step {step}: {cap} was passed");
                }
            }

            return true.ToProperty();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    /// <summary>
    /// Each booking goes to the first in order: no frame that comes before it, of its show or of one that is to be served before, could have had the place.
    /// </summary>
    [Fact]
    public void No_waiting_frame_stands_before_a_later_booking_that_it_could_have_had() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var life = new FarmLife(seed, "PRIORITY_ONLY", "BALANCED");
            for (var step = 0; step < 60; step++)
            {
                life.Step();
                while (life.BookOne() is { } booking)
                {
                    if (life.WhoStoodBefore(booking) is { } other)
                    {
                        return false.Label($"seed {seed}, step {step}: {booking.Layer.Row.Name} got {booking.Host.Row.Name}, which {other.Row.Name} could have had ({life.Tell(other)}; {life.Tell(booking.Layer)})");
                    }
                }
            }

            return true.ToProperty();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    /// <summary>A farm to which one thing after the other happens.</summary>
    private sealed class FarmLife
    {
        private readonly Random _random;
        private readonly string[] _policies;
        private readonly Show[] _shows;
        private readonly Limit[] _limits;
        private readonly Allocation[] _allocations;
        private readonly List<Layer> _layers = [];
        private readonly List<Host> _hosts = [];
        private List<(Layer Layer, DemandKey Key, double ShowRank, List<Host> Places)> _before = [];

        /// <param name="seed">What all that happens follows from.</param>
        /// <param name="policies">It is ordered by one of these, and now and then by another one.</param>
        public FarmLife(int seed, params string[] policies)
        {
            _random = new Random(seed);
            _policies = policies;
            ChoosePolicy();
            _allocations = [Farm.General, Farm.NewAllocation("local.second")];
            _shows = [Farm.Show, Farm.NewShow("second", 400, 1200), Farm.NewShow("third", 0, 900)];
            Farm.Subscribe(_shows[1], _allocations[1], 300, 1000);
            Farm.Subscribe(_shows[2], _allocations[1], 800, 1600);
            foreach (var show in _shows)
            {
                Farm.Edit.Add(new Group(new GroupRow { Id = Farm.Edit.NewId(), ShowId = show.Id, ParentId = show.RootGroup.Id, Name = "more", MinCores = 300 }, show));
            }

            _limits =
            [
                Farm.Limit("frames", 3), Farm.Limit("hosts", 2, LimitKind.Host), Farm.Limit("users", 1, LimitKind.User), Farm.Limit("more", 6),
            ];
        }

        public SchedulingFarm Farm { get; } = new();

        public void PassInSlices()
        {
            for (var i = _random.Next(3); i >= 0; i--)
            {
                var looks = _random.Next(1, 10);
                Farm.Scheduler.Pass(Farm.Edit, () => --looks > 0, _random.Next(1, 8));
            }
        }

        /// <summary>Books the next frame, and remembers what could have been booked instead.</summary>
        public Run? BookOne()
        {
            var runs = Farm.Farm.Runs.Count;
            _before = Waiting();
            Farm.Pass(1);
            return Farm.Farm.Runs.Count > runs ? Farm.Farm.Runs.Values.MaxBy(r => r.Id) : null;
        }

        /// <summary>A layer that came before the booked one and had room on its host, or null.</summary>
        public Layer? WhoStoodBefore(Run booking)
        {
            var own = _before.Single(b => b.Layer == booking.Layer);
            var ownRank = RankBefore(own, booking.Host);
            return _before
                .Where(b => b.Layer != booking.Layer && b.Places.Contains(booking.Host))
                .Where(b => b.Layer.Job.Show == booking.Layer.Job.Show ? b.Key.CompareTo(own.Key) < 0 : RankBefore(b, booking.Host) < ownRank)
                .Select(b => b.Layer).FirstOrDefault();
        }

        public string Tell(Layer layer) =>
            $"{layer.Job.Show.Row.Name} {layer.Job.Row.Name} p{layer.Job.Row.Priority} {Requirement.Of(layer)} limits {string.Join(',', layer.Limits.Select(l => l.Row))} gate {Farm.Scheduler.Demand.GateOf(layer)}";

        public string? CapPassed() =>
            Farm.Farm.Hosts.All.FirstOrDefault(h => h.Idle.CorePoints < 0 || h.Idle.MemoryKib < 0) is { } host ? host.Row.Name
            : null;

        public void Step()
        {
            if (_random.Next(20) == 0)
            {
                ChoosePolicy();
            }

            switch (_random.Next(13))
            {
                case 0 or 1:
                    AddHost();
                    break;
                case 2 or 3 or 4:
                    AddWork();
                    break;
                case 5 or 6 or 7 or 8:
                    if (Farm.Farm.Runs.Count > 0)
                    {
                        var run = Farm.Farm.Runs.Values.ElementAt(_random.Next(Farm.Farm.Runs.Count));
                        Farm.Finish(run.Layer, run.Ordinal, _random.Next(3) == 0 ? 1 : 0);
                    }

                    break;
                case 9:
                    if (_hosts.Count > 0)
                    {
                        var host = _hosts[_random.Next(_hosts.Count)];
                        Farm.Edit.Set(host, _random.Next(3) switch
                        {
                            0 => host.Row with { Locked = !host.Row.Locked },
                            1 => host.Row with { ManualTags = _random.Next(2) == 0 ? ["fast"] : [] },
                            _ => host.Row with { MaxProcs = _random.Next(4) },
                        });
                    }

                    break;
                case 10:
                    var limit = _limits[_random.Next(_limits.Length)];
                    Farm.Edit.Set(limit, limit.Row with { MaxValue = _random.Next(6), Headroom = _random.Next(2) });
                    break;
                case 11:
                    var subscription = Farm.Farm.Subscriptions.Values.ElementAt(_random.Next(Farm.Farm.Subscriptions.Count));
                    Farm.Edit.Set(subscription, subscription.Row with { Burst = _random.Next(20) * 100, Size = _random.Next(20) * 100 });
                    var group = _shows[_random.Next(_shows.Length)].RootGroup;
                    Farm.Edit.Set(group, group.Row with { MaxCores = _random.Next(2) == 0 ? -1 : _random.Next(20) * 100 });
                    break;
                default:
                    if (_layers.Count > 0)
                    {
                        var layer = _layers[_random.Next(_layers.Count)];
                        var job = layer.Job;
                        Farm.Edit.Set(job, job.Row with { GroupId = job.Show.Groups[_random.Next(2)].Id });
                        Farm.Edit.Set(job, job.Row with { Paused = _random.Next(3) == 0, Priority = _random.Next(1, 5), MaxCores = _random.Next(1, 40) * 100 });
                        Farm.Edit.Set(layer, layer.Row with { MinMemoryKib = _random.Next(1, 24) * 1048576L });
                    }

                    break;
            }

            Farm.GoOn(_random.Next(3000));
        }

        private void ChoosePolicy()
        {
            var facility = Farm.General.Facility;
            Farm.Edit.Set(facility, facility.Row with { SchedulingPolicy = _policies[_random.Next(_policies.Length)] });
        }

        private static double RankBefore((Layer Layer, DemandKey Key, double ShowRank, List<Host> Places) work, Host host) =>
            host.Allocation.Row.Name == "local.general" ? work.ShowRank : 0;

        private List<(Layer Layer, DemandKey Key, double ShowRank, List<Host> Places)> Waiting()
        {
            var now = Farm.Edit.Now;
            var policy = Farm.Scheduler.Policies.For(Farm.General.Facility);
            return _layers
                .Where(l => WorkGates.Check(l, Requirement.Of(l).Least, now.WallMs) == WorkGate.Open)
                .Select(l => (
                    l,
                    new DemandKey(l, policy.RankOf(l.Job, now)),
                    policy.ShowRank(l.Job.Show, Farm.General),
                    _hosts.Where(h => Farm.Scheduler.Placements.Check(l, h, now).Verdict == PlacementVerdict.Fits).ToList()))
                .ToList();
        }

        private void AddHost() => _hosts.Add(Farm.Host(
            $"h{_hosts.Count}", cores: _random.Next(1, 17) * 100, memoryGib: _random.Next(1, 65), gpus: _random.Next(4) == 0 ? _random.Next(1, 3) : 0,
            mode: (ThreadMode)_random.Next(3), tags: _random.Next(2) == 0 ? ["fast"] : ["general"], allocation: _allocations[_random.Next(2)]));

        private void AddWork() => _layers.Add(Farm.Work(
            $"w{_layers.Count}", frames: _random.Next(1, 12), minCores: _random.Next(9) switch { 0 => 0, 1 => 50, 2 => -100, var n => n * 100 },
            memoryGib: _random.Next(1, 24), priority: _random.Next(1, 5), threadable: _random.Next(2) == 0, gpus: _random.Next(6) == 0 ? _random.Next(1, 3) : 0,
            tags: _random.Next(8) switch { 0 when _hosts.Count > 0 => [_hosts[_random.Next(_hosts.Count)].Row.Name], 1 or 2 or 3 => ["fast"], _ => ["general"] },
            show: _shows[_random.Next(_shows.Length)],
            of: _layers.Count > 0 && _random.Next(4) == 0 ? _layers[_random.Next(_layers.Count)].Job : null,
            limit: _random.Next(3) == 0 ? _limits[_random.Next(_limits.Length)] : null,
            withJob: j => j with { MaxCores = _random.Next(3) == 0 ? 400 : 10000, User = $"u{_random.Next(3)}", MinCores = _random.Next(5) * 100 }));
    }
}
