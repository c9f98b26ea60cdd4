using FsCheck;
using FsCheck.Fluent;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Runs;
using OpenCue.TestKit;

namespace OpenCue.Farm.Tests.Limits;

/// <summary>Limits under random bookings, ends, kills, changes and undone commands, against a count that is made anew each time.</summary>
public sealed class LimitProperties
{
    private static readonly string[] Names = ["frames", "hosts", "users"];

    [Fact]
    public void No_booking_passes_a_limit_and_none_is_refused_that_has_room() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => Run(new Random(seed)).Label($"seed {seed}"))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(120));

    private static bool Run(Random random)
    {
        var farm = new TestFarm();
        var hosts = Enumerable.Range(0, 4).Select(i => farm.AddHost($"h{i}", cores: 6)).ToArray();
        farm.Do(edit =>
        {
            LimitRules.Create(edit, Names[0], random.Next(1, 6), LimitKind.Frame);
            LimitRules.Create(edit, Names[1], random.Next(1, 4), LimitKind.Host);
            LimitRules.Create(edit, Names[2], random.Next(1, 4), LimitKind.User, random.Next(2));
        });
        var layers = Enumerable.Range(0, 6).Select(i =>
        {
            var layer = SpecText.Layer("render", "1-12") with { Limits = [.. Names.Where(_ => random.Next(2) == 0)] };
            return farm.Submit(SpecText.Of($"job{i}", layer) with { User = $"user{i % 3}" })[0].Layers[0];
        }).ToArray();
        for (var step = 0; step < 120; step++)
        {
            Action<FarmEdit> command = random.Next(8) switch
            {
                < 4 => edit => Book(edit, hosts[random.Next(hosts.Length)], layers[random.Next(layers.Length)]),
                < 6 => edit => End(edit, random),
                6 => edit => Change(edit, layers[random.Next(layers.Length)], random),
                _ => edit => LimitRules.Change(edit, edit.Farm.Limits.Find(Names[random.Next(3)])!, maxValue: random.Next(6)),
            };
            if (random.Next(5) == 0)
            {
                farm.Undo(command);
            }
            else
            {
                farm.Do(command);
            }

            Assert.Empty(FarmInvariants.Check(farm.Model));
        }

        farm.Restart();
        return FarmInvariants.Check(farm.Model).Count == 0;
    }

    private static void Book(FarmEdit edit, Host host, Layer layer)
    {
        var ordinal = layer.Waiting.First();
        if (ordinal < 0 || host.Idle.CorePoints < 100)
        {
            return;
        }

        var hasRoom = layer.Limits.All(limit => IsWithin(limit, Held(edit.Farm, limit), (host, layer)));
        var refusal = Booking.CheckStart(edit.Farm, edit.Now, host, layer, ordinal, new Resources(100, 0));
        Assert.Equal(!hasRoom, refusal == BookingRefusal.Limit);
        if (Booking.Start(edit, host, layer, ordinal, new Resources(100, 0)) is not null)
        {
            Assert.All(layer.Limits, limit => Assert.InRange(limit.Tokens, 1, limit.Capacity));
        }
    }

    private static List<(Host Host, Layer Layer)> Held(FarmModel farm, Limit limit) =>
        [.. farm.Runs.Values.Where(run => run.Layer.Row.LimitIds.Contains(limit.Id)).Select(run => (run.Host, run.Layer))];

    /// <summary>Whether the tokens that are held with one frame more are as many as there may be.</summary>
    private static bool IsWithin(Limit limit, List<(Host Host, Layer Layer)> held, (Host Host, Layer Layer) more)
    {
        held.Add(more);
        var tokens = limit.Row.Kind switch
        {
            LimitKind.Host => held.Select(h => h.Host.Id).Distinct().Count(),
            LimitKind.User => held.Select(h => h.Layer.Job.Row.User).Distinct().Count(),
            _ => held.Count,
        };
        return tokens <= limit.Row.MaxValue - limit.Row.Headroom;
    }

    private static void End(FarmEdit edit, Random random)
    {
        if (edit.Farm.Runs.Count == 0)
        {
            return;
        }

        var run = edit.Farm.Runs.Values.OrderBy(r => r.Id).ElementAt(random.Next(edit.Farm.Runs.Count));
        var (proc, layer) = (run.Proc, run.Layer);
        FrameCompletion.Apply(edit, run, new RunOutcome { End = RunEnd.Completed, ExitStatus = random.Next(2), RunSeconds = 5 });
        if (random.Next(3) == 0 && layer.Waiting.First() is >= 0 and var next
            && Booking.Next(edit, proc, layer, next) is not null)
        {
            Assert.All(layer.Limits, limit => Assert.InRange(limit.Tokens, 1, limit.Capacity));
            return;
        }

        edit.Remove(proc);
    }

    private static void Change(FarmEdit edit, Layer layer, Random random)
    {
        var limit = edit.Farm.Limits.Find(Names[random.Next(3)])!;
        switch (random.Next(3))
        {
            case 0:
                LayerRules.AddLimit(edit, layer, limit);
                break;
            case 1:
                LayerRules.DropLimit(edit, layer, limit.Id);
                break;
            default:
                LimitRules.Change(edit, limit, kind: (LimitKind)random.Next(3), headroom: random.Next(2));
                break;
        }
    }
}
