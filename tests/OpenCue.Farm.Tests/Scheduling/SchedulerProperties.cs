using FsCheck;
using FsCheck.Fluent;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Tests.Scheduling;

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
            var random = new Random(seed);
            var farm = new SchedulingFarm();
            var shows = new[] { farm.Show, farm.NewShow("second", 400, 1200), farm.NewShow("third", 0, 900) };
            var limits = new[] { farm.Limit("l1", 3), farm.Limit("l2", 5) };
            var layers = new List<Layer>();
            var hosts = new List<Host>();
            for (var step = 0; step < 60; step++)
            {
                Step(farm, random, shows, limits, layers, hosts);
                farm.Pass(random.Next(1, 6));
                if (random.Next(4) == 0)
                {
                    farm.Pass();
                    var before = farm.Farm.Runs.Count;
                    farm.Scheduler.Reset();
                    farm.Pass();
                    if (farm.Farm.Runs.Count != before)
                    {
                        return false.Label($"seed {seed}, step {step}: the look at everything booked {farm.Farm.Runs.Count - before} more");
                    }
                }

                if (farm.Farm.Hosts.All.Any(h => h.Idle.CorePoints < 0 || h.Idle.MemoryKib < 0)
                    || farm.Farm.Subscriptions.Values.Any(s => s.Use.CorePoints > s.Row.Burst)
                    || limits.Any(l => l.Running > l.Row.MaxValue))
                {
                    return false.Label($"seed {seed}, step {step}: a cap was passed");
                }
            }

            return true.ToProperty();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    private static void Step(
        SchedulingFarm farm, Random random, Shows.Show[] shows, Farm.Limits.Limit[] limits, List<Layer> layers, List<Host> hosts)
    {
        switch (random.Next(9))
        {
            case 0:
                hosts.Add(farm.Host(
                    $"h{hosts.Count}", cores: random.Next(1, 17) * 100, memoryGib: random.Next(1, 65), gpus: random.Next(4) == 0 ? 1 : 0,
                    mode: (ThreadMode)random.Next(3), tags: random.Next(2) == 0 ? ["fast"] : []));
                break;
            case 1 or 2 or 3:
                layers.Add(farm.Work(
                    $"w{layers.Count}", frames: random.Next(1, 12), minCores: random.Next(8) switch { 0 => 0, 1 => 50, var n => n * 100 },
                    memoryGib: random.Next(1, 24), priority: random.Next(1, 5), threadable: random.Next(2) == 0, gpus: random.Next(6) == 0 ? 1 : 0,
                    tags: random.Next(3) == 0 ? ["fast"] : ["general"], show: shows[random.Next(shows.Length)],
                    limit: random.Next(3) == 0 ? limits[random.Next(limits.Length)] : null,
                    withJob: j => j with { MaxCores = random.Next(3) == 0 ? 400 : 10000 }));
                break;
            case 4 or 5 or 6:
                if (farm.Farm.Runs.Count > 0)
                {
                    var run = farm.Farm.Runs.Values.ElementAt(random.Next(farm.Farm.Runs.Count));
                    farm.Finish(run.Layer, run.Ordinal, random.Next(3) == 0 ? 1 : 0);
                }

                break;
            case 7:
                if (hosts.Count > 0)
                {
                    var host = hosts[random.Next(hosts.Count)];
                    farm.Edit.Set(host, host.Row with { Locked = !host.Row.Locked });
                }

                break;
            default:
                if (layers.Count > 0)
                {
                    var job = layers[random.Next(layers.Count)].Job;
                    farm.Edit.Set(job, job.Row with { Paused = !job.Row.Paused, Priority = random.Next(1, 5) });
                }

                break;
        }

        farm.GoOn(random.Next(3000));
    }
}
