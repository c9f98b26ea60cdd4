using FsCheck;
using FsCheck.Fluent;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Scheduling;
using OpenCue.Farm.Scheduling.Matching;
using OpenCue.Farm.Shows;
using OpenCue.Specs.Ranges;

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
                    // At the very same time: rests end as time goes on.
                    var edit = life.Farm.Edit;
                    life.Farm.Scheduler.Pass(edit, () => true);
                    var before = life.Farm.Farm.Runs.Count;
                    life.Farm.Scheduler.Reset();
                    life.Farm.Scheduler.Pass(edit, () => true);
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
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

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
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    /// <summary>A farm to which one thing after the other happens.</summary>
    private sealed class FarmLife
    {
        private readonly Random _random;
        private readonly string[] _policies;
        private readonly Show[] _shows;
        private readonly Limit[] _limits;
        private readonly Allocation[] _allocations;
        private List<Layer> _layers = [];
        private int _made;
        private List<Host> _hosts = [];
        private List<Wanted> _before = [];

        /// <param name="seed">What all that happens follows from.</param>
        /// <param name="policies">It is ordered by one of these, and now and then by another one.</param>
        public FarmLife(int seed, params string[] policies)
        {
            _random = new Random(seed);
            Farm = new SchedulingFarm(new FarmSettings { GpuHostsForGpuLayersOnly = _random.Next(4) == 0 });
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

        public SchedulingFarm Farm { get; }

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
            // At the very same time: a layer may start later.
            var (runs, edit) = (Farm.Farm.Runs.Count, Farm.Edit);
            _before = Waiting(edit.Now);
            Farm.Scheduler.Pass(edit, () => true, 1);
            return Farm.Farm.Runs.Count > runs ? Farm.Farm.Runs.Values.MaxBy(r => r.Id) : null;
        }

        /// <summary>A layer that came before the booked one and had room on its host, or null.</summary>
        public Layer? WhoStoodBefore(Run booking)
        {
            var own = _before.Single(b => b.Layer == booking.Layer);
            var ownRank = RankBefore(own, booking.Host);
            return _before
                .Where(b => b.Layer != booking.Layer && b.Places.Contains(booking.Host))
                .Where(b => b.Layer.Job.Show == booking.Layer.Job.Show ? b.Latest.CompareTo(own.Earliest) < 0 : RankBefore(b, booking.Host) < ownRank)
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

            Farm.Farm.OpenCalls.ReleaseLate(Farm.Farm, Farm.Edit.Now.EngineMs);
            if (_random.Next(8) == 0)
            {
                // Refused in the middle: nothing of it may be left, but marks.
                var edit = Farm.Edit;
                var (mark, layers, hosts) = (edit.Mark, _layers.ToList(), _hosts.ToList());
                Do(_random.Next(20));
                edit.RollBack(mark);
                (_layers, _hosts) = (layers, hosts);
            }
            else
            {
                Do(_random.Next(20));
            }

            Farm.GoOn(_random.Next(3000));
        }

        private void Do(int what)
        {
            switch (what)
            {
                case 0 or 1:
                    AddHost();
                    break;
                case 2 or 3 or 4:
                    // Now and then more at once than are woken at once at a cap.
                    for (var more = _random.Next(15) == 0 ? 25 : 1; more > 0; more--)
                    {
                        AddWork();
                    }

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
                case 13:
                    var changed = Any(_limits);
                    LimitRules.Change(Farm.Edit, changed, kind: (LimitKind)_random.Next(3));
                    break;
                case 14 when _hosts.Count > 0:
                    MoveHost(Any(_hosts));
                    break;
                case 15 when _hosts.Count > 0:
                    switch (_random.Next(3))
                    {
                        case 0:
                            LaunchBackOff.HostFailed(Farm.Edit, Any(_hosts));
                            break;
                        case 1:
                            LaunchBackOff.HostWorks(Farm.Edit, Any(_hosts));
                            break;
                        default:
                            LaunchBackOff.TryIsOver(Farm.Edit, Any(_hosts));
                            break;
                    }

                    break;
                case 16 when _hosts.Count > 0 && _layers.Count > 0:
                    var (kept, from) = (Any(_hosts), Any(_layers));
                    if (_random.Next(2) == 0)
                    {
                        Farm.Farm.StartRests.Failed(kept, from, Farm.Edit.Now.EngineMs);
                    }
                    else
                    {
                        Farm.Farm.OpenCalls.HoldUntil(kept.Id, from.FrameId(_random.Next(from.FrameCount)), Farm.Edit.Now.EngineMs + _random.Next(6000));
                    }

                    break;
                case 17 when _layers.Count > 0:
                    End(Any(_layers).Job);
                    break;
                case 18 when _layers.Count > 0:
                    var late = Any(_layers);
                    Farm.Edit.Set(late, late.Row with { StartAfterMs = Farm.WallMs + _random.Next(5000) });
                    break;
                case 19 when _layers.Count > 0:
                    var ordered = Any(_layers);
                    FrameOrder.Reorder(Farm.Edit, ordered, FrameSet.Parse($"{_random.Next(1, ordered.FrameCount + 1)}"), (FrameOrderKind)_random.Next(2));
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
        }

        private T Any<T>(IReadOnlyList<T> of) => of[_random.Next(of.Count)];

        private void MoveHost(Host host)
        {
            Farm.Edit.Set(host, _random.Next(3) switch
            {
                0 => host.Row with { HasHostnameTag = !host.Row.HasHostnameTag },
                1 => host.Row with { ThreadMode = (ThreadMode)_random.Next(3) },
                _ when host.Procs.Count == 0 => host.Row with { AllocationId = Any(_allocations).Id },
                _ => host.Row,
            });
            if (host.Procs.Count == 0 && _random.Next(4) == 0)
            {
                Farm.Edit.Remove(host);
                _hosts.Remove(host);
            }
        }

        private void End(Job job)
        {
            Farm.Edit.Set(job, job.Row with { State = JobState.Finished });
            if (job.OpenRuns == 0 && _random.Next(2) == 0)
            {
                Farm.Edit.ArchiveJob(job);
                _layers.RemoveAll(l => l.Job == job);
            }
            else if (_random.Next(2) == 0)
            {
                Farm.Edit.Set(job, job.Row with { State = JobState.Pending });
            }
        }

        private void ChoosePolicy()
        {
            var facility = Farm.General.Facility;
            Farm.Edit.Set(facility, facility.Row with { SchedulingPolicy = _policies[_random.Next(_policies.Length)] });
        }

        private static double RankBefore(Wanted work, Host host) =>
            host.Allocation.Row.Name == "local.general" ? work.ShowRank : 0;

        private List<Wanted> Waiting(FarmTime now)
        {
            var policy = Farm.Scheduler.Policies.For(Farm.General.Facility);

            // Ranks that move by themselves are asked for again after so long only.
            var asked = now with { WallMs = now.WallMs - (policy.RankAgainAfterMs ?? 0) };
            return _layers
                .Where(l => WorkGates.Check(l, Requirement.Of(l).Least, now.WallMs) == WorkGate.Open)
                .Select(l => new Wanted(
                    l,
                    new DemandKey(l, policy.RankOf(l.Job, now)),
                    new DemandKey(l, policy.RankOf(l.Job, asked)),
                    policy.ShowRank(l.Job.Show, Farm.General),
                    _hosts.Where(h => Farm.Scheduler.Placements.Check(l, h, now).Verdict == PlacementVerdict.Fits).ToList()))
                .ToList();
        }

        private void AddHost() => _hosts.Add(Farm.Host(
            $"h{Farm.Farm.LastHostNumber}", cores: _random.Next(1, 17) * 100, memoryGib: _random.Next(1, 65), gpus: _random.Next(4) == 0 ? _random.Next(1, 3) : 0,
            mode: (ThreadMode)_random.Next(3), tags: _random.Next(2) == 0 ? ["fast"] : ["general"], allocation: _allocations[_random.Next(2)]));

        private void AddWork() => _layers.Add(Farm.Work(
            $"w{_made++}", frames: _random.Next(1, 12), minCores: _random.Next(9) switch { 0 => 0, 1 => 50, 2 => -100, var n => n * 100 },
            memoryGib: _random.Next(1, 24), priority: _random.Next(1, 5), threadable: _random.Next(2) == 0, gpus: _random.Next(6) == 0 ? _random.Next(1, 3) : 0,
            tags: _random.Next(8) switch { 0 when _hosts.Count > 0 => [_hosts[_random.Next(_hosts.Count)].Row.Name], 1 or 2 or 3 => ["fast"], _ => ["general"] },
            show: _shows[_random.Next(_shows.Length)],
            of: _layers.Count > 0 && _random.Next(4) == 0 ? _layers[_random.Next(_layers.Count)].Job : null,
            limit: _random.Next(3) == 0 ? _limits[_random.Next(_limits.Length)] : null,
            with: row => _random.Next(12) == 0 ? row with { LimitIds = [_limits[0].Id, _limits[1].Id, _limits[2].Id] } : row,
            withJob: j => j with { MaxCores = _random.Next(3) == 0 ? 400 : 10000, User = $"u{_random.Next(3)}", MinCores = _random.Next(5) * 100 }));

        /// <summary>A layer that waits, its place in the order by what the policy says now and said when it may have been asked, and where it has room.</summary>
        private sealed record Wanted(Layer Layer, DemandKey Now, DemandKey Asked, double ShowRank, List<Host> Places)
        {
            public DemandKey Earliest => Now.CompareTo(Asked) < 0 ? Now : Asked;

            public DemandKey Latest => Now.CompareTo(Asked) < 0 ? Asked : Now;
        }
    }
}
