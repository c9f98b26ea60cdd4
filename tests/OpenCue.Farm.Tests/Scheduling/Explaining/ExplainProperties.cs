using FsCheck;
using FsCheck.Fluent;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Scheduling;
using OpenCue.Farm.Scheduling.Explaining;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Tests.Scheduling.Explaining;

/// <summary>Explanations of random farms are true: what they say follows from what the scheduler does, and the other way round.</summary>
public sealed class ExplainProperties
{
    [Fact]
    public void A_host_lacks_nothing_exactly_if_the_matcher_takes_it() => Check(60, (farm, _) =>
    {
        foreach (var layer in farm.Waiting())
        {
            var seeker = new Seeker(farm.Scheduling.View(), layer);
            foreach (var host in farm.Scheduling.Farm.Hosts.All)
            {
                var found = seeker.Look(host);
                if (found.IsReady != (seeker.Place(host).Verdict == PlacementVerdict.Fits))
                {
                    return $"{layer.Row.Name} on {host.Row.Name}: {found.First}, but the matcher says {seeker.Place(host).Verdict}";
                }
            }
        }

        return null;
    });

    [Fact]
    public void Once_everything_is_booked_that_can_be_each_frame_that_waits_is_told_what_holds_it() => Check(100, (farm, _) =>
    {
        farm.Scheduling.Pass();
        foreach (var layer in farm.Waiting())
        {
            var reason = farm.Scheduling.Explain(layer).Reasons[0];
            if (reason.Code is ReasonCode.Nothing or ReasonCode.OthersFirst)
            {
                // Hosts that are kept for somebody are looked at every few seconds, so a frame that may use one until then waits a little.
                var (kept, runs) = (farm.Scheduling.Scheduler.Reservations.All.Count, layer.Runs.Count);
                farm.Scheduling.GoOn(6000);
                farm.Scheduling.Pass();
                if (kept == 0 || (layer.Runs.Count == runs && farm.Scheduling.Explain(layer).Reasons[0].Code is ReasonCode.Nothing or ReasonCode.OthersFirst))
                {
                    return $"{layer.Row.Name} waits: {reason.Text}";
                }
            }
        }

        return null;
    });

    [Fact]
    public void What_is_said_to_be_held_by_nothing_is_booked_in_the_next_pass() => Check(100, (farm, random) =>
    {
        // Something that opens gates and books nothing yet.
        farm.Step(random);
        farm.Step(random);
        var free = farm.Waiting().Select(layer => (Layer: layer, Ordinal: layer.Waiting.First()))
            .Where(first => farm.Scheduling.Explain(first.Layer, first.Ordinal).Reasons[0].Code == ReasonCode.Nothing)
            .ToList();
        if (free.Count == 0)
        {
            return null;
        }

        // Of several that nothing holds, each stands first in another order; only of one alone is it sure that no other takes its room under a cap.
        var (layer, ordinal) = free[0];
        if (free.Count > 1)
        {
            return null;
        }

        var reservations = farm.Scheduling.Scheduler.Reservations.All;
        var isKept = reservations.Count > 0;
        farm.Scheduling.Pass();

        // While hosts are kept for others, or begin to be, frames go there by other rules than those of the order.
        return layer.Runs.ContainsKey(ordinal) || isKept || reservations.Count > 0
            ? null
            : $"{layer.FrameName(ordinal)} was held by nothing, and was not booked; now: {farm.Scheduling.Explain(layer, ordinal).Reasons[0].Text}";
    });

    [Fact]
    public void Taking_away_what_is_named_changes_the_answer() => Check(100, (farm, random) =>
    {
        farm.Scheduling.Pass();
        foreach (var layer in farm.Waiting().Take(3).ToList())
        {
            var ordinal = layer.Waiting.First();
            if (ordinal < 0)
            {
                continue;
            }

            var reason = farm.Scheduling.Explain(layer, ordinal).Reasons[0];
            if (reason.Code is ReasonCode.Nothing or ReasonCode.OthersFirst)
            {
                // It may use a host that is kept for another, which takes a little.
                continue;
            }

            farm.TakeAway(reason, layer);
            var after = farm.Scheduling.Explain(layer, ordinal).Reasons[0];
            if (after.Code == reason.Code && after.Text == reason.Text)
            {
                return $"{layer.FrameName(ordinal)} is still told: {reason.Text}";
            }

            farm.Scheduling.Pass();
        }

        return null;
    });

    /// <summary>Makes random farms, and checks them after each few steps. What is wrong is said in words.</summary>
    private static void Check(int farms, Func<RandomFarm, Random, string?> wrong) => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var farm = new RandomFarm(random);
        for (var step = 0; step < 40; step++)
        {
            farm.Step(random);
            if (random.Next(3) == 0)
            {
                farm.Scheduling.Pass(random.Next(1, 20));
            }

            if (step % 8 == 7 && wrong(farm, random) is { } text)
            {
                return false.Label($"seed {seed}, step {step}: {text}");
            }
        }

        return true.ToProperty();
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(farms));

    private sealed class RandomFarm
    {
        private readonly Show[] _shows;
        private readonly Limit[] _limits;
        private readonly List<Layer> _layers = [];
        private readonly List<Host> _hosts = [];

        public RandomFarm(Random random)
        {
            var policies = new SchedulingPolicies().Names.ToList();
            Scheduling = new SchedulingFarm(policies: new SchedulingPolicies(siteDefault: policies[random.Next(policies.Count)]));
            _shows = [Scheduling.Show, Scheduling.NewShow("second", 400, 1200), Scheduling.NewShow("third", 0, 900)];
            _limits = [Scheduling.Limit("l1", 3), Scheduling.Limit("l2", 2), Scheduling.Limit("l3", 4), Scheduling.Limit("l4", 2)];
            Scheduling.Edit.Set(_limits[1], _limits[1].Row with { Kind = LimitKind.User });
            Scheduling.Edit.Set(_limits[2], _limits[2].Row with { Headroom = 2 });
            Scheduling.Edit.Set(_limits[3], _limits[3].Row with { Kind = LimitKind.Host });
        }

        public SchedulingFarm Scheduling { get; }

        public IEnumerable<Layer> Waiting() => _layers.Where(layer => layer.Waiting.Count > 0);

        public void Step(Random random)
        {
            switch (random.Next(10))
            {
                case 0 or 1:
                    _hosts.Add(Scheduling.Host(
                        $"h{_hosts.Count}", cores: random.Next(1, 17) * 100, memoryGib: random.Next(1, 65), gpus: random.Next(4) == 0 ? 1 : 0,
                        mode: (ThreadMode)random.Next(3), tags: random.Next(2) == 0 ? ["fast"] : [], os: random.Next(4) == 0 ? "windows" : "linux"));
                    break;
                case 2 or 3 or 4:
                    _layers.Add(Scheduling.Work(
                        $"w{_layers.Count}", frames: random.Next(1, 12), minCores: random.Next(8) switch { 0 => 0, 1 => 50, var n => n * 100 },
                        memoryGib: random.Next(1, 24), priority: random.Next(1, 5), threadable: random.Next(2) == 0, gpus: random.Next(6) == 0 ? 1 : 0,
                        tags: random.Next(3) == 0 ? ["fast"] : ["general"], os: random.Next(5) == 0 ? "windows" : null,
                        show: _shows[random.Next(_shows.Length)], limit: random.Next(3) == 0 ? _limits[random.Next(_limits.Length)] : null,
                        withJob: j => j with { MaxCores = random.Next(3) == 0 ? 400 : 10000, User = random.Next(2) == 0 ? "anna" : "ben" }));
                    break;
                case 5 or 6:
                    if (Scheduling.Farm.Runs.Count > 0)
                    {
                        var run = Scheduling.Farm.Runs.Values.ElementAt(random.Next(Scheduling.Farm.Runs.Count));
                        Scheduling.Finish(run.Layer, run.Ordinal, random.Next(4) switch { 0 => 1, 1 => ExitStatus.FailedLaunch, _ => 0 });
                    }

                    break;
                case 7:
                    if (_hosts.Count > 0)
                    {
                        var host = _hosts[random.Next(_hosts.Count)];
                        Scheduling.Edit.Set(host, random.Next(2) == 0
                            ? host.Row with { Locked = !host.Row.Locked }
                            : host.Row with { MaxProcs = random.Next(3) });
                    }

                    break;
                default:
                    if (_layers.Count > 0)
                    {
                        var job = _layers[random.Next(_layers.Count)].Job;
                        Scheduling.Edit.Set(job, job.Row with { Paused = !job.Row.Paused, Priority = random.Next(1, 5) });
                    }

                    break;
            }

            // Now and then long enough for a host to be kept for what finds no room.
            Scheduling.GoOn(random.Next(20) == 0 ? 700_000 : random.Next(3000));
        }

        public void TakeAway(Reason reason, Layer layer)
        {
            var (edit, job) = (Scheduling.Edit, layer.Job);
            switch (reason.Code)
            {
                case ReasonCode.JobPaused:
                    edit.Set(job, job.Row with { Paused = false });
                    break;
                case ReasonCode.JobFinished:
                    edit.Set(job, job.Row with { State = JobState.Pending });
                    break;
                case ReasonCode.StartsLater:
                    edit.Set(layer, layer.Row with { StartAfterMs = 0 });
                    break;
                case ReasonCode.JobAtMaxCores:
                    edit.Set(job, job.Row with { MaxCores = 1_000_000 });
                    break;
                case ReasonCode.JobAtMaxGpus:
                    edit.Set(job, job.Row with { MaxGpus = 1000 });
                    break;
                case ReasonCode.LimitReached:
                    var limit = Scheduling.Farm.Limits.Find(reason.Subject)!;
                    edit.Set(limit, limit.Row with { MaxValue = 1000 });
                    break;
                case ReasonCode.ShowAtBurst:
                    Scheduling.Subscribe(job.Show, Scheduling.General, 100, 1_000_000);
                    break;
                case ReasonCode.NoHosts or ReasonCode.NoHostEver or ReasonCode.NoHostNow or ReasonCode.CallUnderWay or ReasonCode.StartFailed
                    or ReasonCode.HostKept:
                    _hosts.Add(Scheduling.Host(
                        $"h{_hosts.Count}", cores: 6400, memoryGib: 512, gpus: 8, tags: ["fast"], os: layer.Job.Row.Os ?? "linux"));
                    break;
                default:
                    throw new InvalidOperationException($"Nothing is known to take away {reason.Code}: {reason.Text}");
            }
        }
    }
}
