using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Shows;

namespace OpenCue.Engine.Tests;

/// <summary>Random commands, faults and deaths, from one seed.</summary>
public sealed class RandomRunTests
{
    [Fact]
    public void The_same_seed_and_the_same_commands_give_the_same_change_sets() =>
        Prop.ForAll(Seeds(), seed => Run(seed, faults: false).Text == Run(seed, faults: false).Text).QuickCheckThrowOnFailure();

    [Fact]
    public void The_same_seed_gives_the_same_run_with_faults_too() =>
        Prop.ForAll(Seeds(), seed => Run(seed, faults: true).Text == Run(seed, faults: true).Text).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_the_store_does_the_model_equals_the_store_and_what_was_acknowledged_is_there() =>
        Prop.ForAll(Seeds(), seed =>
        {
            var run = Run(seed, faults: true);
            Assert.Equal(run.Stored, run.Model);
            Assert.All(run.Acknowledged, name => Assert.Contains(name, run.StoredNames));
            Assert.All(run.Refused, name => Assert.DoesNotContain(name, run.StoredNames));
            return true;
        }).QuickCheckThrowOnFailure();

    private static Arbitrary<int> Seeds() => Gen.Choose(0, int.MaxValue).ToArbitrary();

    private static Outcome Run(int seed, bool faults)
    {
        var random = new Random(seed);
        var database = new MemoryDatabase();
        var text = new StringBuilder();
        var acknowledged = new List<string>();
        var refused = new List<string>();
        var number = 0;
        var stalls = new Stalls();
        var rig = Start(database, text, random, faults, stalls);
        for (var i = 0; i < 150; i++)
        {
            for (var c = random.Next(4); c > 0; c--)
            {
                Give(rig, random, $"n{number++}", acknowledged, refused);
            }

            rig.Time.Advance(TimeSpan.FromMilliseconds(random.Next(700)));
            stalls.Tick();
            rig.Engine.RunBatch();
            if (faults && random.Next(40) == 0)
            {
                // The process dies; whoever waited never hears.
                rig = Start(database, text, random, faults, stalls);
            }
        }

        rig.Store.OnCommit = null;
        stalls.End();
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        rig.Run();
        rig.Run();
        var model = "";
        var seen = rig.Engine.QueryAsync(farm => model = Describe(farm), CancellationToken.None);
        Assert.True(seen.IsCompletedSuccessfully);
        var loaded = Farm.Loading.FarmLoader.Build(database.Read(), new FarmSettings());
        return new Outcome(text.ToString(), model, Describe(loaded), [.. loaded.Shows.All.Select(s => s.Row.Name)], acknowledged, refused);
    }

    private static Rig Start(MemoryDatabase database, StringBuilder text, Random random, bool faults, Stalls stalls)
    {
        var rig = new Rig(database, o => o with { Seed = (ulong)random.Next(), TurnCommands = 8, BatchCommands = 16 });
        rig.StartByHand();
        rig.Store.OnCommit = changes =>
        {
            Write(text, changes);
            return !faults ? null : random.Next(12) switch
            {
                0 => StoreFault.Unavailable,
                1 => StoreFault.UnknownOutcome,
                2 => StoreFault.Refuses("show", "unlucky"),
                3 => StoreFault.Stall(stalls.Begin(random.Next(3) == 0 ? 40 : 2)),
                _ => null,
            };
        };
        return rig;
    }

    private static void Give(Rig rig, Random random, string name, List<string> acknowledged, List<string> refused)
    {
        var commandClass = (CommandClass)random.Next(4);
        var (kind, pick) = (random.Next(6), random.Next(1000));
        var done = rig.Do(
            edit =>
            {
                var shows = edit.Farm.Shows.All.OrderBy(s => s.Id).ToList();
                switch (kind)
                {
                    case 0 when shows.Count > 0:
                        var show = shows[pick % shows.Count];
                        edit.Set(show, show.Row with { DefaultMaxCores = pick });
                        break;
                    case 1 when shows.Count > 3:
                        edit.Add(new Limit(new LimitRow(edit.NewId(), $"limit {name}", pick)));
                        break;
                    case 2:
                        Rig.AddShow(edit, name);
                        throw FarmException.Invalid("changed my mind");
                    case 3:
                        Rig.AddShow(edit, $"{name} half");
                        throw new InvalidOperationException("a defect");
                    case 4 when edit.Farm.Limits.Count > 0:
                        edit.Remove(edit.Farm.Limits.All.OrderBy(l => l.Id).First());
                        break;
                    default:
                        Rig.AddShow(edit, name);
                        return true;
                }

                return false;
            },
            commandClass);
        _ = done.ContinueWith(
            task =>
            {
                if (task.IsCompletedSuccessfully && task.Result)
                {
                    acknowledged.Add(name);
                }
                else if (task.IsFaulted && task.Exception.InnerException is not EngineUnavailableException { OutcomeUnknown: true })
                {
                    refused.Add(name);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private static string Describe(FarmModel farm) => string.Join(
        "\n",
        [
            .. farm.Shows.All.Select(s => $"{s.Id} {s.Row.Name} {s.Row.DefaultMaxCores}").Order(StringComparer.Ordinal),
            .. farm.Limits.All.Select(l => l.Row.ToString()).Order(StringComparer.Ordinal),
        ]);

    private static void Write(StringBuilder text, ChangeSet changes)
    {
        text.Append(changes.Sequence).Append(' ').Append(changes.Time).AppendLine();
        changes.Table<ShowRow>().Upserts.ForEach(row => text.Append(row.Id).Append(row.Name).Append(row.DefaultMaxCores).AppendLine());
        changes.Table<LimitRow>().Upserts.ForEach(row => text.Append(row).AppendLine());
        changes.Table<LimitRow>().Deletes.ForEach(id => text.Append('-').Append(id).AppendLine());
        changes.Events.ForEach(e => text.Append(e).AppendLine());
        changes.Effects.ForEach(e => text.Append(e).AppendLine());
    }

    /// <summary>Commits that stall for a number of ticks.</summary>
    private sealed class Stalls
    {
        private TaskCompletionSource? _stall;
        private int _left;

        public Task Begin(int ticks)
        {
            (_stall, _left) = (new TaskCompletionSource(), ticks);
            return _stall.Task;
        }

        public void Tick()
        {
            if (_stall is not null && --_left <= 0)
            {
                End();
            }
        }

        public void End()
        {
            _stall?.TrySetResult();
            _stall = null;
        }
    }

    private sealed record Outcome(
        string Text, string Model, string Stored, HashSet<string> StoredNames, List<string> Acknowledged, List<string> Refused);
}
