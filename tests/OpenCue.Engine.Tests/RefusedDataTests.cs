using Microsoft.Extensions.Logging;
using OpenCue.Engine.Storing;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Shows;

namespace OpenCue.Engine.Tests;

/// <summary>The store refuses data: the culprit is found, and nobody else suffers.</summary>
public sealed class RefusedDataTests
{
    /// <summary>A store that refuses shows whose name begins with "bad".</summary>
    private static StoreFault? RefuseBad(ChangeSet changes) =>
        changes.Table<ShowRow>().Upserts.Find(s => s.Name.StartsWith("bad", StringComparison.Ordinal)) is { } bad
            ? StoreFault.Refuses("show", bad.Name)
            : null;

    [Fact]
    public async Task Only_the_culprit_fails()
    {
        await using var rig = new Rig().StartByHand();
        rig.Store.OnCommit = RefuseBad;

        var good = Enumerable.Range(0, 20).Select(i => rig.Add($"a{i:00}")).ToList();
        var bad = rig.Add("bad");
        good.AddRange(Enumerable.Range(0, 20).Select(i => rig.Add($"z{i:00}")));
        rig.Run();

        await Task.WhenAll(good);
        var error = await Assert.ThrowsAsync<CommandFailedException>(() => bad);
        Assert.IsType<StoreDataException>(error.InnerException);
        Assert.Equal(40, rig.Store.Database.Read().Shows.Count);
        Assert.Equal(rig.Stored, (await rig.Names()).Value);
        Assert.Contains(rig.Log.Lines, l => l.Level == LogLevel.Error && l.Text.Contains("Add bad") && l.Text.Contains("row bad"));
        Assert.Equal(EngineState.Running, rig.Engine.Status.State);
    }

    [Fact]
    public async Task A_store_that_fails_a_batch_in_an_unforeseen_way_again_and_again_ends_the_engine_with_the_reason()
    {
        await using var rig = new Rig().StartByHand();
        var attempts = 0;
        rig.Store.OnCommit = changes =>
        {
            attempts++;
            return changes.Table<ShowRow>().Upserts.Count > 0 ? new StoreFault { Before = new InvalidCastException("no such cast") } : null;
        };
        var bad = rig.Add("bad");
        for (var i = 0; i < 20; i++)
        {
            rig.Run();
            rig.Time.Advance(TimeSpan.FromSeconds(3));
        }

        var error = await Assert.ThrowsAsync<EngineUnavailableException>(() => bad);
        Assert.True(error.OutcomeUnknown);
        Assert.Equal(EngineState.Faulted, rig.Engine.Status.State);
        Assert.Contains("no such cast", rig.Engine.Status.Reason, StringComparison.Ordinal);
        Assert.Equal(5, attempts);
        Assert.Equal(5, rig.Log.Lines.Count(l => l.Text.Contains("unexpected", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_unforeseen_failure_that_passes_is_forgotten()
    {
        await using var rig = new Rig().StartByHand();
        var failures = 2;
        rig.Store.OnCommit = _ => failures-- > 0 ? new StoreFault { After = new InvalidCastException("no such cast") } : null;
        var good = rig.Add("good");
        for (var i = 0; i < 5; i++)
        {
            rig.Run();
            rig.Time.Advance(TimeSpan.FromSeconds(3));
        }

        await good;
        Assert.Equal(EngineState.Running, rig.Engine.Status.State);
        Assert.Equal("good", rig.Stored);
    }

    [Fact]
    public async Task Several_culprits_are_all_found_and_the_order_of_the_others_is_kept()
    {
        await using var rig = new Rig().StartByHand();
        rig.Store.OnCommit = RefuseBad;
        var tasks = Enumerable.Range(0, 64).Select(i => rig.Add(i % 7 == 3 ? $"bad{i:00}" : $"good{i:00}")).ToList();
        rig.Run();

        for (var i = 0; i < tasks.Count; i++)
        {
            if (i % 7 == 3)
            {
                await Assert.ThrowsAsync<CommandFailedException>(() => tasks[i]);
            }
            else
            {
                await tasks[i];
            }
        }

        Assert.Equal(
            Enumerable.Range(0, 64).Where(i => i % 7 != 3).Select(i => $"good{i:00}"),
            rig.Sent.Select(e => e.Reason));
    }

    [Fact]
    public async Task Commands_applied_on_top_of_the_refused_batch_see_the_farm_without_it()
    {
        await using var rig = new Rig().StartByHand();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = changes => RefuseBad(changes) is { } fault ? fault with { Until = stall.Task } : null;
        var bad = rig.Add("bad");
        rig.Run();
        var onTop = rig.Do(edit =>
        {
            Rig.AddShow(edit, "top");
            return Rig.NamesOf(edit.Farm);
        });
        rig.Run();

        stall.SetResult();
        rig.Run();

        await Assert.ThrowsAsync<CommandFailedException>(() => bad);
        Assert.Equal("top", await onTop);
        Assert.Equal("top", rig.Stored);
    }

    [Fact]
    public async Task A_query_that_saw_the_refused_batch_is_answered_without_it()
    {
        await using var rig = new Rig().StartByHand();
        var stall = new TaskCompletionSource();
        rig.Store.OnCommit = changes => RefuseBad(changes) is { } fault ? fault with { Until = stall.Task } : null;
        _ = rig.Add("bad");
        rig.Run();
        var seen = rig.Names();

        stall.SetResult();
        rig.Run();

        Assert.Equal(("", false), ((await seen).Value, (await seen).Stale));
    }

    [Fact]
    public async Task A_step_whose_data_is_refused_rests_and_the_commands_of_its_batch_are_done()
    {
        await using var rig = new Rig();
        var step = new TestStep(edit =>
        {
            if (edit.Farm.Shows.Count > 0 && edit.Farm.Shows.Find("bad") is null)
            {
                Rig.AddShow(edit, "bad");
            }

            return StepResult.Done;
        });
        rig.Steps.Add(step);
        rig.StartByHand();
        rig.Store.OnCommit = RefuseBad;

        var good = rig.Add("good");
        rig.Run();

        await good;
        Assert.Equal("good", rig.Stored);
        Assert.Contains(rig.Log.Lines, l => l.Level == LogLevel.Error && l.Text.Contains(step.Name));
        var runs = step.Runs;
        await AddAndRun(rig, "other");
        Assert.Equal(runs, step.Runs);
        rig.Store.OnCommit = null;
        rig.Time.Advance(TimeSpan.FromSeconds(11));
        rig.Run();
        Assert.Equal("bad,good,other", rig.Stored);
    }

    [Fact]
    public async Task The_store_may_go_away_while_the_culprit_is_looked_for()
    {
        await using var rig = new Rig().StartByHand();
        var commits = 0;
        rig.Store.OnCommit = changes => RefuseBad(changes) ?? (++commits % 2 == 1 ? StoreFault.UnknownOutcome : StoreFault.Unavailable);
        var tasks = Enumerable.Range(0, 16).Select(i => rig.Add(i == 5 ? "bad" : $"good{i}")).ToList();
        for (var i = 0; i < 100; i++)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(2));
            rig.Run();
        }

        rig.Store.OnCommit = RefuseBad;
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        rig.Run();
        rig.Run();
        await Assert.ThrowsAsync<CommandFailedException>(() => tasks[5]);
        await Task.WhenAll(tasks.Where((_, i) => i != 5));
        Assert.Equal(rig.Stored, (await rig.Names()).Value);
        Assert.Equal(15, rig.Store.Database.Read().Shows.Count);
    }

    private static async Task AddAndRun(Rig rig, string name)
    {
        var added = rig.Add(name);
        rig.Run();
        await added;
    }
}
