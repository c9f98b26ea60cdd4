using FsCheck;
using FsCheck.Fluent;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Jobs.Submitting;
using OpenCue.Farm.Loading;
using OpenCue.Farm.Operations;
using OpenCue.Farm.Runs;
using OpenCue.TestKit;

namespace OpenCue.Engine.Tests;

/// <summary>Jobs, frames, runs and depends in an engine whose store fails in all the ways it can, and which dies now and then.</summary>
public sealed class RealFarmTests
{
    private const long Gib = 1048576;

    [Fact]
    public void Whatever_the_store_does_the_farm_is_sound_and_equals_what_is_stored() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            RunDay(seed);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    private static void RunDay(int seed)
    {
        var random = new Random(seed);
        var database = new MemoryDatabase();
        var rig = Start(database, random);
        var waiting = new List<Task>();
        for (var i = 0; i < 200; i++)
        {
            for (var c = random.Next(5); c > 0; c--)
            {
                waiting.Add(Give(rig, random));
            }

            rig.Time.Advance(TimeSpan.FromMilliseconds(random.Next(600)));
            rig.Engine.RunBatch();
            if (random.Next(60) == 0)
            {
                waiting.Clear();
                rig = Start(database, random);
            }
        }

        rig.Store.OnCommit = null;
        for (var i = 0; i < 2; i++)
        {
            // A read that failed last is noticed only now, and tried again a while later.
            rig.Time.Advance(TimeSpan.FromSeconds(10));
            rig.Run();
            rig.Run();
        }

        Assert.All(waiting, task => Assert.True(task.IsCompleted));
        var model = "";
        var query = rig.Engine.QueryAsync(farm => model = FarmDump.Of(farm), CancellationToken.None);
        rig.Run();
        Assert.True(query.IsCompletedSuccessfully);
        var stored = FarmLoader.Build(database.Read(), new FarmSettings());
        foreach (var layer in stored.Layers.Values.Where(l => !l.HasFrames))
        {
            stored.Resting.TakeIn(layer.Rest!, database.ReadFrames([layer.Row])[layer.Id], 0, 0);
        }

        Assert.Equal(FarmDump.Of(stored), model);
        Assert.Equal(EngineState.Running, rig.Engine.Status.State);
    }

    private static Rig Start(MemoryDatabase database, Random random)
    {
        var rig = new Rig(database, o => o with { Seed = (ulong)random.Next(), TurnCommands = 8, FetchedFramesStay = TimeSpan.FromMilliseconds(random.Next(2000)), Farm = new FarmSettings { BulkChunk = 3, OperationChunk = 3, FinishedFramesStayMinutes = 0, LaunchDeadlineMs = 1000, ForgottenAfterMs = 1000 } });
        rig.Steps.Add(new TestStep(edit =>
        {
            if (edit.Farm.Operations.Values.OrderBy(o => o.Id).FirstOrDefault() is not { } operation)
            {
                return StepResult.Done;
            }

            BulkOperations.Step(edit, operation);
            return StepResult.More;
        }));
        rig.Steps.Add(new TestStep(edit => JobRest.PutDue(edit, 1) > 0 ? StepResult.More : StepResult.Done));
        rig.Store.OnReadFrames = _ => rig.Store.OnCommit is not null && random.Next(6) == 0 ? new StoreUnavailableException("the store is away") : null;
        rig.Engine.StartByHand(rig.Parts with
        {
            Seed = edit =>
            {
                FarmSeed.Apply(edit);
                AddHost(edit, "one");
                AddHost(edit, "two");
            },
            Check = farm => Assert.Empty(FarmInvariants.Check(farm)),
        });
        rig.Store.OnCommit = _ => random.Next(14) switch
        {
            0 => StoreFault.Unavailable,
            1 => StoreFault.UnknownOutcome,
            2 => StoreFault.Refuses("frame", "unlucky"),
            _ => null,
        };
        return rig;
    }

    private static void AddHost(FarmEdit edit, string name)
    {
        var allocation = edit.Farm.Allocations.Find("local.general")!;
        var id = edit.NewId();
        var stat = new HostStat(new HostStatRow { Id = id, PingAtMs = edit.Now.WallMs, TotalMemory = 64 * Gib, FreeMemory = 64 * Gib });
        edit.Add(stat);
        var row = new HostRow
        {
            Id = id,
            Number = edit.Farm.Hosts.Count + 1,
            Name = name,
            AllocationId = allocation.Id,
            Total = new Resources(400, 64 * Gib),
        };
        edit.Add(new Host(row, allocation, stat));
    }

    private static Task<int> Give(Rig rig, Random random)
    {
        var (kind, a, b) = (random.Next(9), random.Next(1000), random.Next(1000));
        return rig.Do(
            edit =>
            {
                Apply(edit, kind, a, b);
                return 0;
            },
            (CommandClass)random.Next(4));
    }

    private static void Apply(FarmEdit edit, int kind, int a, int b)
    {
        var farm = edit.Farm;
        var jobs = farm.Jobs.All.OrderBy(j => j.Id).ToList();
        var runs = farm.Runs.Values.OrderBy(r => r.Id).ToList();
        var waiting = farm.Layers.Values.OrderBy(l => l.Id).Where(l => l.Waiting.Count > 0).ToList();
        switch (kind)
        {
            case 0:
                Submit(edit, a, b);
                break;
            case 1 when jobs.Count > 0:
                JobRules.SetPaused(edit, jobs[a % jobs.Count], b % 2 == 0);
                break;
            case 2 when jobs.Count > 0 && a % 4 == 0:
                JobRules.Kill(edit, jobs[b % jobs.Count], "tester", "because");
                break;
            case 3 when jobs.Count > 0:
                var job = jobs[a % jobs.Count];
                BulkOperations.Request(edit, (BulkKind)(b % 4), job, job.Layers.Select(FrameSpans.All), "tester", "because");
                break;
            case 4 or 5 when runs.Count > 0:
                var outcome = new RunOutcome { End = RunEnd.Completed, ExitStatus = b % 3 == 0 ? 1 : 0, RunSeconds = b, MaxRssKib = b * 100L };
                edit.Remove(FrameCompletion.Apply(edit, runs[a % runs.Count], outcome).Proc);
                break;
            case 6 when runs.Count > 0:
                edit.Remove(FrameCompletion.Apply(edit, runs[a % runs.Count], new RunOutcome { End = RunEnd.NotOnHost }).Proc);
                throw FarmException.Invalid("after all, no");
            default:
                if (waiting.Count > 0)
                {
                    var layer = waiting[a % waiting.Count];
                    var host = farm.Hosts.All.OrderBy(h => h.Id).ElementAt(b % farm.Hosts.Count);
                    Booking.Start(edit, host, layer, layer.Waiting.First(), new Resources(100, Gib));
                }

                break;
        }
    }

    private static void Submit(FarmEdit edit, int a, int b)
    {
        var name = $"job{a % 6}";
        var document = SpecText.Of(name, SpecText.Layer("aaa", "1-5", chunk: 1 + (b % 2)), SpecText.Layer("bbb", "1-5"));
        var submission = Submission.Begin(edit, document.With(SpecText.Depend(b % 2 == 0 ? "FRAME_BY_FRAME" : "LAYER_ON_LAYER", $"{name}/bbb", $"{name}/aaa")));
        while (submission.Step(edit))
        {
        }

        submission.Activate(edit);
    }
}
