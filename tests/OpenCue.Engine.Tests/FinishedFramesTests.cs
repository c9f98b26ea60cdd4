using System.Diagnostics.Metrics;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Jobs.Submitting;
using OpenCue.Farm.Operations;
using OpenCue.TestKit;

namespace OpenCue.Engine.Tests;

/// <summary>Frames of finished jobs leave memory and are fetched when somebody needs them.</summary>
public sealed class FinishedFramesTests
{
    [Fact]
    public async Task They_leave_memory_once_their_rest_is_durable_and_come_when_a_query_asks()
    {
        await using var rig = await WithFinishedJobAsync();
        Assert.False(HasFrames(rig));

        var states = rig.Engine.QueryAsync(farm => string.Join(",", LayerOf(farm).Frames.ToArray().Select(f => f.State)), CancellationToken.None);
        Assert.False(states.IsCompleted);
        rig.Run();
        Assert.Equal("Eaten,Eaten,Eaten", (await states).Value);
        Assert.True(HasFrames(rig));

        // They stay for a while, and leave again.
        rig.Time.Advance(TimeSpan.FromMinutes(4));
        Tick(rig);
        Assert.True(HasFrames(rig));
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        Tick(rig);
        Assert.False(HasFrames(rig));
    }

    [Fact]
    public async Task A_command_that_needs_them_waits_for_them_and_others_do_not()
    {
        await using var rig = await WithFinishedJobAsync();
        var reads = 0;
        var retry = Retry(rig);
        var other = rig.Add("other");
        rig.Store.OnReadFrames = _ =>
        {
            reads++;
            return null;
        };
        rig.Run();
        rig.Run();
        Assert.True(other.IsCompletedSuccessfully);
        Assert.True(retry.IsCompletedSuccessfully);
        Assert.Equal(1, reads);
        Assert.Equal(FrameState.Waiting, rig.Store.Database.ReadFrames([Peek(rig, farm => LayerOf(farm).Row)]).Values.Single()[1].State);
        Assert.Empty(rig.Store.Database.Read().FramesAtRest);
    }

    [Fact]
    public async Task While_the_store_is_away_a_query_is_told_and_a_command_waits()
    {
        await using var rig = await WithFinishedJobAsync();
        rig.Store.OnReadFrames = _ => new StoreUnavailableException("the store is away");
        var query = rig.Engine.QueryAsync(farm => LayerOf(farm).Frames.Length, CancellationToken.None);
        var retry = Retry(rig);
        rig.Run();
        var told = await Assert.ThrowsAsync<EngineUnavailableException>(() => query);
        Assert.Contains("done", told.Message, StringComparison.Ordinal);
        Assert.False(retry.IsCompleted);

        using var deadline = new CancellationTokenSource();
        var given = Retry(rig, deadline.Token);
        rig.Run();
        await deadline.CancelAsync();
        var why = await Assert.ThrowsAsync<EngineUnavailableException>(() => given);
        Assert.False(why.OutcomeUnknown);
        Assert.Contains("the store is away", why.Message, StringComparison.Ordinal);

        rig.Store.OnReadFrames = null;
        rig.Run();
        Assert.False(retry.IsCompleted);
        rig.Time.Advance(TimeSpan.FromSeconds(3));
        rig.Run();
        rig.Run();
        Assert.True(retry.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task While_nobody_knows_whether_the_job_went_to_history_a_query_is_told_that_and_of_no_damage()
    {
        await using var rig = await WithFinishedJobAsync();
        Assert.False(HasFrames(rig));
        rig.Time.Advance(TimeSpan.FromHours(100));
        var commits = 0;
        rig.Store.OnCommit = _ => commits++ == 0 ? StoreFault.UnknownOutcome : StoreFault.Unavailable;
        var archive = rig.Do(edit => JobRules.ArchiveDue(edit, 10));
        rig.Run();
        rig.Run();
        Assert.Equal(EngineState.Unavailable, rig.Engine.Status.State);

        var query = rig.Engine.QueryAsync(farm => LayerOf(farm).Frames.Length, CancellationToken.None);
        rig.Run();
        var told = await Assert.ThrowsAsync<EngineUnavailableException>(() => query);
        Assert.Contains("history", told.Message, StringComparison.Ordinal);

        rig.Store.OnCommit = null;
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        rig.Run();
        Assert.Equal(1, await archive);
        Assert.Equal(0, Peek(rig, farm => farm.Layers.Values.Count(l => l.Job.Row.Name.EndsWith("done", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_job_that_goes_to_history_while_its_frames_are_read_is_gone_and_not_damaged()
    {
        await using var rig = await WithFinishedJobAsync();
        rig.Time.Advance(TimeSpan.FromHours(100));
        var read = new TaskCompletionSource();
        rig.Store.FramesReadUntil = read.Task;
        var query = rig.Engine.QueryAsync(farm => farm.Layers.Values.Where(l => l.Job.Row.Name.EndsWith("done", StringComparison.Ordinal)).Sum(l => l.Frames.Length), CancellationToken.None);
        rig.Run();
        await DoAsync(rig, edit => JobRules.ArchiveDue(edit, 10));
        read.SetException(new StoreDataException("frame", "row", "half of them are there"));
        rig.Run();

        Assert.Equal(0, (await query).Value);
    }

    [Fact]
    public async Task What_can_not_be_read_is_told_and_stops_nobody_else()
    {
        await using var rig = await WithFinishedJobAsync();
        rig.Store.OnReadFrames = _ => new StoreDataException("frame", "row", "the page is torn");
        var query = rig.Engine.QueryAsync(farm => LayerOf(farm).Frames.Length, CancellationToken.None);
        var retry = Retry(rig);
        rig.Run();
        Assert.Contains("the page is torn", (await Assert.ThrowsAsync<CommandFailedException>(() => query)).Message, StringComparison.Ordinal);
        Assert.Contains("done", (await Assert.ThrowsAsync<CommandFailedException>(() => retry)).Message, StringComparison.Ordinal);
        var other = rig.Add("other");
        rig.Run();
        Assert.True(other.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_step_that_needs_them_is_run_again_when_they_have_come()
    {
        var done = 0;
        await using var rig = await WithFinishedJobAsync(rig => rig.Steps.Add(new TestStep(edit =>
        {
            if (edit.Farm.Jobs.Count == 2 && done == 0)
            {
                FrameOperations.Retry(edit, LayerOf(edit.Farm), 0, "tester", "because");
                done++;
            }

            return StepResult.Done;
        })));
        await SubmitAsync(rig, "next");
        rig.Run();
        rig.Run();
        Assert.Equal(1, done);
        Assert.Equal(JobState.Pending, Peek(rig, farm => LayerOf(farm).Job.Row.State));
    }

    [Fact]
    public async Task A_long_list_goes_on_where_it_stood_when_the_frames_have_come()
    {
        await using var rig = await WithFinishedJobAsync();
        var list = rig.Engine.QueryListAsync<int, string>(
            _ => [0, 1, 2],
            (farm, key, found) =>
            {
                found.Add($"begin {key}");
                found.Add(LayerOf(farm).Frames[key].State.ToString());
            },
            CancellationToken.None);
        rig.Run();
        Assert.Equal(["begin 0", "Eaten", "begin 1", "Eaten", "begin 2", "Eaten"], (await list).Value);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_frames_that_never_come()
    {
        await using var rig = await WithFinishedJobAsync();
        rig.Store.OnReadFrames = _ => new StoreUnavailableException("the store is away");
        var retry = Retry(rig);
        rig.Run();
        using var enough = new CancellationTokenSource();
        await enough.CancelAsync();
        await rig.Engine.StopAsync(enough.Token);
        await Assert.ThrowsAsync<EngineUnavailableException>(() => retry);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_frames_that_nobody_waits_for_any_more()
    {
        await using var rig = await WithFinishedJobAsync();
        rig.Store.FramesReadUntil = new TaskCompletionSource().Task;
        using var deadline = new CancellationTokenSource();
        var retry = Retry(rig, deadline.Token);
        rig.Run();
        await deadline.CancelAsync();
        await Assert.ThrowsAsync<EngineUnavailableException>(() => retry);
        await rig.Engine.StopAsync(CancellationToken.None);
        Assert.Equal(EngineState.Stopped, rig.Engine.Status.State);
    }

    [Fact]
    public async Task A_job_with_more_frames_than_are_kept_is_fetched_all_the_same()
    {
        await using var rig = await WithFinishedJobAsync(options: o => o with { FetchedFramesMost = 2 });
        var retry = Retry(rig);
        for (var i = 0; i < 20; i++)
        {
            rig.Engine.RunBatch();
        }

        Assert.True(retry.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task What_was_read_before_the_job_ran_again_is_not_taken()
    {
        await using var rig = await WithFinishedJobAsync();
        var slow = new TaskCompletionSource();
        rig.Store.FramesReadUntil = slow.Task;
        var query = rig.Engine.QueryAsync(farm => LayerOf(farm).Frames[1].Version, CancellationToken.None);
        rig.Run();

        // Meanwhile the frames come by another way, one of them runs again, and they rest once more.
        await DoAsync(rig, edit => edit.Farm.Resting.TakeIn(
            LayerOf(edit.Farm).Rest!, rig.Store.Database.ReadFrames([LayerOf(edit.Farm).Row]).Values.Single(), long.MaxValue, long.MaxValue));
        await DoAsync(rig, edit => FrameOperations.Retry(edit, LayerOf(edit.Farm), 1, "tester", "because"));
        await DoAsync(rig, edit => FrameOperations.Eat(edit, LayerOf(edit.Farm), 1, "tester", "because"));
        var version = Peek(rig, farm => LayerOf(farm).Frames[1].Version);
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        Tick(rig);
        Tick(rig);
        Assert.False(HasFrames(rig));

        rig.Store.FramesReadUntil = null;
        slow.SetResult();
        while (!query.IsCompleted)
        {
            rig.Run();
        }

        Assert.Equal(version, (await query).Value);
    }

    [Fact]
    public async Task A_step_whose_frames_can_not_be_read_rests()
    {
        var (done, reads) = (0, 0);
        await using var rig = await WithFinishedJobAsync(rig => rig.Steps.Add(new TestStep(edit =>
        {
            if (done == 0 && edit.Farm.Shows.TryGet("go", out _))
            {
                FrameOperations.Retry(edit, LayerOf(edit.Farm), 0, "tester", "because");
                done++;
            }

            return StepResult.Done;
        })));
        rig.Store.OnReadFrames = _ =>
        {
            reads++;
            return new StoreDataException("frame", "row", "the page is torn");
        };
        _ = rig.Add("go");
        for (var i = 0; i < 20; i++)
        {
            rig.Engine.RunBatch();
        }

        Assert.Equal((0, 1), (done, reads));
        rig.Store.OnReadFrames = null;
        rig.Time.Advance(TimeSpan.FromSeconds(11));
        rig.Run();
        Assert.Equal(1, done);
    }

    [Fact]
    public async Task A_command_that_is_refused_leaves_them_for_as_long_as_they_were_to_stay()
    {
        await using var rig = await WithFinishedJobAsync();
        var refused = rig.Do<int>(edit =>
        {
            FrameOperations.Retry(edit, LayerOf(edit.Farm), 1, "tester", "because");
            throw FarmException.Precondition("no");
        });
        rig.Run();
        await Assert.ThrowsAsync<FarmException>(() => refused);
        Tick(rig);
        Tick(rig);
        Assert.True(HasFrames(rig));
    }

    [Fact]
    public async Task Frames_of_so_many_jobs_are_read_at_the_same_time_and_others_wait_for_their_turn()
    {
        await using var rig = await WithFinishedJobAsync(options: o => o with { FrameReads = 2 });
        for (var i = 0; i < 5; i++)
        {
            await SubmitAsync(rig, $"more{i}");
        }

        await DoAsync(rig, edit =>
        {
            foreach (var layer in edit.Farm.Layers.Values.Where(l => l.HasFrames).ToArray())
            {
                Eat(edit, layer);
            }
        });
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        Tick(rig);
        Tick(rig);
        Assert.True(Peek(rig, farm => farm.Layers.Values.All(l => !l.HasFrames)));

        var (slow, reads) = (new TaskCompletionSource(), 0);
        rig.Store.FramesReadUntil = slow.Task;
        rig.Store.OnReadFrames = _ =>
        {
            reads++;
            return null;
        };
        var ids = Peek(rig, farm => farm.Layers.Keys.ToArray());
        var queries = ids.Select(id => rig.Engine.QueryAsync(farm => farm.Layers[id].Frames.Length, CancellationToken.None)).ToArray();
        rig.Run();
        Assert.Equal(2, reads);
        rig.Store.FramesReadUntil = null;
        slow.SetResult();
        while (!Array.TrueForAll(queries, query => query.IsCompleted))
        {
            rig.Run();
        }

        Assert.All(await Task.WhenAll(queries), frames => Assert.Equal(3, frames.Value));
        Assert.Equal(6, reads);
    }

    [Fact]
    public async Task Whoever_asks_for_them_when_the_farm_has_gone_is_told()
    {
        await using var rig = await WithFinishedJobAsync();
        var away = Peek(rig, farm => Assert.Throws<FramesAwayException>(() => LayerOf(farm).Frames.Length));
        using var meter = new Meter("test");
        using var core = new EngineCore(rig.Store, new EngineOptions { Seed = 1 }, rig.Time, new EngineInstruments(meter), rig.Log);
        await Assert.ThrowsAsync<EngineUnavailableException>(() => core.Pager.FetchAsync(away));
    }

    [Theory]
    [InlineData(BulkKind.Retry)]
    [InlineData(BulkKind.Eat)]
    public async Task An_operation_on_many_of_them_begins_when_they_are_here(BulkKind kind)
    {
        await using var rig = await WithFinishedJobAsync();
        await DoAsync(rig, edit =>
        {
            var layer = LayerOf(edit.Farm);
            BulkOperations.Request(edit, kind, layer.Job, [FrameSpans.All(layer)], "tester", "because");
        });
        rig.Time.Advance(TimeSpan.FromMinutes(10));
        Tick(rig);
        Tick(rig);
        Assert.True(HasFrames(rig));
        Assert.Single(rig.Store.Database.Read().Operations);
        Assert.Empty(rig.Store.Database.Read().FramesAtRest);
    }

    [Fact]
    public async Task On_threads_many_readers_get_them_and_nobody_reads_twice()
    {
        await using var rig = new Rig(options: o => o with { Farm = new FarmSettings { FinishedFramesStayMinutes = 0 } }, time: TimeProvider.System);
        await rig.Engine.StartAsync(rig.Parts with { Seed = FarmSeed.Apply }, CancellationToken.None);
        await SubmitAsync(rig, "done");
        await rig.Do(Finish);
        await rig.Do(edit => JobRest.Put(edit, LayerOf(edit.Farm).Job));
        await rig.Do(edit => edit.Farm.Resting.LetGo(long.MaxValue, long.MaxValue, 0, 100));
        var reads = 0;
        rig.Store.OnReadFrames = _ =>
        {
            Interlocked.Increment(ref reads);
            return null;
        };
        var counts = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ =>
            rig.Engine.QueryAsync(farm => LayerOf(farm).Frames.Length, CancellationToken.None)));
        Assert.All(counts, count => Assert.Equal(3, count.Value));
        Assert.Equal(1, reads);
    }

    private static async Task<Rig> WithFinishedJobAsync(Action<Rig>? prepare = null, Func<EngineOptions, EngineOptions>? options = null)
    {
        var rig = new Rig(options: o => (options?.Invoke(o) ?? o) with { Farm = new FarmSettings { FinishedFramesStayMinutes = 1 } });
        rig.Steps.Add(new TestStep(edit => JobRest.PutDue(edit, 10) > 0 ? StepResult.More : StepResult.Done));
        prepare?.Invoke(rig);
        rig.Engine.StartByHand(rig.Parts with { Seed = FarmSeed.Apply, Check = farm => Assert.Empty(FarmInvariants.Check(farm)) });
        await SubmitAsync(rig, "done");
        var finish = rig.Do(Finish);
        rig.Run();
        await finish;
        Assert.True(HasFrames(rig));
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        Tick(rig);
        Tick(rig);
        return rig;
    }

    private static Task<int> Retry(Rig rig, CancellationToken cancel = default) => rig.Do(
        edit =>
        {
            FrameOperations.Retry(edit, LayerOf(edit.Farm), 1, "tester", "because");
            return 0;
        },
        cancel: cancel);

    private static async Task SubmitAsync(Rig rig, string name)
    {
        var submit = rig.Do(edit =>
        {
            var submission = Submission.Begin(edit, SpecText.Of(name, SpecText.Layer("render", "1-3")));
            while (submission.Step(edit))
            {
            }

            submission.Activate(edit);
            return 0;
        });
        if (rig.Engine.Status.State == EngineState.Running && !submit.IsCompleted)
        {
            RunByHand(rig);
        }

        await submit;
    }

    private static void RunByHand(Rig rig)
    {
        try
        {
            rig.Run();
        }
        catch (InvalidOperationException)
        {
            // It has a thread of its own.
        }
    }

    private static int Finish(FarmEdit edit)
    {
        Eat(edit, LayerOf(edit.Farm));
        return 0;
    }

    private static void Eat(FarmEdit edit, Layer layer)
    {
        for (var i = 0; i < layer.FrameCount; i++)
        {
            FrameOperations.Eat(edit, layer, i, "tester", "because");
        }
    }

    private static async Task DoAsync(Rig rig, Action<FarmEdit> command)
    {
        var done = rig.Do(edit =>
        {
            command(edit);
            return 0;
        });
        rig.Run();
        await done;
    }

    private static Layer LayerOf(FarmModel farm) => farm.Layers.Values.Single(l => l.Job.Row.Name.EndsWith("done", StringComparison.Ordinal));

    private static void Tick(Rig rig)
    {
        _ = rig.Do(_ => 0, CommandClass.Internal);
        rig.Run();
    }

    private static bool HasFrames(Rig rig) => Peek(rig, farm => LayerOf(farm).HasFrames);

    private static T Peek<T>(Rig rig, Func<FarmModel, T> read)
    {
        T seen = default!; // Set by the query, which an engine that is driven by hand answers on the spot.
        Assert.True(rig.Engine.PeekAsync(farm => seen = read(farm), CancellationToken.None).IsCompletedSuccessfully);
        return seen;
    }
}
