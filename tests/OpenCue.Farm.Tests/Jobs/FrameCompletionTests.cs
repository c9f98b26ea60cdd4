using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Services;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests.Jobs;

public sealed class FrameCompletionTests
{
    private const long Gib = 1048576;
    private const long Mib = 1024;
    private readonly TestFarm _farm = new(new FarmSettings { LayerDelayMinutes = [new(330, 5), new(331, 60)] });

    [Fact]
    public void A_run_that_ends_well_leaves_its_frame_succeeded_with_what_it_used()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-2")).Layers[0];
        var run = _farm.Book(layer);
        _farm.Clock.PassSeconds(90);

        var result = _farm.Complete(run, 0, o => o with { MaxRssKib = Gib, RunSeconds = 90 });

        var frame = layer.Frames[0];
        Assert.Equal((FrameState.Succeeded, 0, false), (result.DecidedState, result.ExitStatus, result.MemoryFailure));
        Assert.Equal((FrameState.Succeeded, 0, 0), (frame.State, frame.ExitStatus, frame.Retries));
        Assert.Equal((run.Row.BookedAtMs, run.Row.BookedAtMs + 90_000), (frame.StartedAtMs, frame.StoppedAtMs));
        Assert.Equal((90, 0, Gib), (frame.CoreSeconds, frame.GpuSeconds, frame.MaxRssKib));
        Assert.Empty(layer.Runs);
        var ended = Assert.Single(_farm.Store.History);
        Assert.Equal((RunPhase.Ended, RunEnd.Completed, 0, 90L), (ended.Phase, ended.End, ended.ExitStatus, ended.RunSeconds));
    }

    [Fact]
    public void One_retry_means_two_runs()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1")).Layers[0];

        _farm.RunFrame(layer, 0, exitStatus: 1);
        Assert.Equal((FrameState.Waiting, 0), (layer.Frames[0].State, layer.Frames[0].Retries));
        _farm.RunFrame(layer, 0, exitStatus: 1);

        Assert.Equal((FrameState.Dead, 1), (layer.Frames[0].State, layer.Frames[0].Retries));
        Assert.Equal(JobState.Pending, layer.Job.Row.State);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(33, 1)]
    [InlineData(137, 1)]
    [InlineData(256, 0)]
    [InlineData(286, 0)]
    [InlineData(330, 0)]
    public void A_start_counts_as_a_retry_by_how_the_last_run_ended(int status, int retries)
    {
        var layer = _farm.Submit("comp", Layer("bg", "1")).Layers[0];
        _farm.RunFrame(layer, 0, status);
        _farm.Clock.PassSeconds(3600);

        _farm.Book(layer, memoryGib: 8);

        Assert.Equal(retries, layer.Frames[0].Retries);
    }

    [Theory]
    [InlineData(RunEnd.NotOnHost)]
    [InlineData(RunEnd.HostRebooted)]
    [InlineData(RunEnd.AssumedLost)]
    public void A_lost_run_uses_no_retry(RunEnd end)
    {
        var layer = _farm.Submit("comp", Layer("bg", "1")).Layers[0];
        for (var i = 0; i < 5; i++)
        {
            _farm.End(_farm.Book(layer), end);
        }

        _farm.Book(layer);

        Assert.Equal((FrameState.Running, 0), (layer.Frames[0].State, layer.Frames[0].Retries));
    }

    [Fact]
    public void A_frame_whose_run_never_started_is_as_it_was_before()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-2")).Layers[0];
        _farm.RunFrame(layer, 0, exitStatus: 1, and: o => o with { MaxRssKib = Gib });
        var before = layer.Frames[0];
        var usage = layer.Usage.Row;
        _farm.AddHost("other");
        _farm.Clock.PassSeconds(60);

        _farm.End(_farm.Book(layer, memoryGib: 30), RunEnd.NeverStarted);

        var after = layer.Frames[0];
        Assert.Equal((before.State, before.Retries, before.ExitStatus), (after.State, after.Retries, after.ExitStatus));
        Assert.Equal((before.HostNumber, before.StartedAtMs, before.StoppedAtMs), (after.HostNumber, after.StartedAtMs, after.StoppedAtMs));
        Assert.Equal((before.ReservedMemoryKib, before.MaxRssKib), (after.ReservedMemoryKib, after.MaxRssKib));
        Assert.Equal(usage, layer.Usage.Row);
    }

    [Fact]
    public void After_a_restart_a_run_that_never_started_still_uses_no_retry()
    {
        var job = _farm.Submit("comp", Layer("bg", "1-2"));
        _farm.RunFrame(job.Layers[0], 0, exitStatus: 1);
        var run = _farm.Book(job.Layers[0]);

        _farm.Restart();
        _farm.End(_farm.Model.Runs[run.Id], RunEnd.NeverStarted);

        var frame = _farm.Model.Layers[job.Layers[0].Id].Frames[0];
        Assert.Equal((FrameState.Waiting, 0, 1), (frame.State, frame.Retries, frame.ExitStatus));
    }

    [Fact]
    public void The_mark_of_a_memory_kill_does_not_outlive_its_run()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-2")).Layers[0];
        var run = _farm.Book(layer);
        _farm.Do(edit => Farm.Runs.RunKills.Order(edit, run, new KillOrder(KillOutcome.Memory, "memory", "server", 0)));
        _farm.Complete(run, 1, o => o with { ExitSignal = 9 });
        Assert.Equal(33, layer.Frames[0].ExitStatus);

        _farm.Complete(_farm.Book(layer, memoryGib: 8));

        Assert.Equal((FrameState.Succeeded, 0), (layer.Frames[0].State, layer.Frames[0].ExitStatus));
    }

    [Fact]
    public void Want_of_memory_raises_the_layers_memory_by_what_its_first_service_says_and_stops_the_optimizer()
    {
        _farm.Do(
            edit => edit.Add(
                new Service(new ServiceRow { Id = edit.NewId(), Name = "sim", MinMemoryKib = 4 * Gib, MinMemoryIncreaseKib = 6 * Gib })));
        var layer = _farm.Submit("comp", Layer("bg", "1-2") with { Services = ["sim"] }).Layers[0];
        var run = _farm.Book(layer, memoryGib: 5);

        var result = _farm.Complete(run, 33);

        Assert.True(result.MemoryFailure);
        Assert.Equal((11 * Gib, false), (layer.Row.MinMemoryKib, layer.Row.OptimizeMemory));
    }

    [Fact]
    public void A_first_service_that_does_not_exist_raises_by_two_gibibytes()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-2") with { Services = ["none", "shell"] }).Layers[0];

        _farm.Complete(_farm.Book(layer, memoryGib: 5), 33);

        Assert.Equal(7 * Gib, layer.Row.MinMemoryKib);
    }

    [Fact]
    public void Memory_grows_no_further_than_the_largest_host_of_the_facility()
    {
        _farm.AddHost("small", memoryGib: 8);
        var layer = _farm.Submit("comp", Layer("bg", "1")).Layers[0];
        for (var i = 0; i < 5; i++)
        {
            _farm.Complete(_farm.Book(layer, memoryGib: 7), 33);
        }

        Assert.Equal((8 * Gib, FrameState.Waiting), (layer.Row.MinMemoryKib, layer.Frames[0].State));
    }

    [Fact]
    public void Auto_eat_raises_the_memory_all_the_same()
    {
        var layer = _farm.Submit(Of(Job("comp", Layer("bg", "1-2")) with { AutoEat = true }))[0].Layers[0];

        _farm.Complete(_farm.Book(layer, memoryGib: 5), 33);

        Assert.Equal((FrameState.Eaten, 7 * Gib), (layer.Frames[0].State, layer.Row.MinMemoryKib));
    }

    [Theory]
    [InlineData(1024, 1024 + 256)]
    [InlineData(100, 256)]
    public void Success_with_less_lowers_the_memory_to_what_was_seen_and_some_more(int rssMib, int expectedMib)
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-3")).Layers[0];

        _farm.RunFrame(layer, 0, and: o => o with { MaxRssKib = rssMib * Mib });

        Assert.Equal(expectedMib * Mib, layer.Row.MinMemoryKib);
    }

    [Fact]
    public void Memory_is_not_lowered_by_the_last_frame_by_a_failure_or_against_a_persons_will()
    {
        var last = _farm.Submit("one1", Layer("bg", "1")).Layers[0];
        var failed = _farm.Submit("two2", Layer("bg", "1-2")).Layers[0];
        var fixedByHand = _farm.Submit("three", Layer("bg", "1-2")).Layers[0];
        _farm.Do(edit => LayerRules.SetOptimizeMemory(edit, fixedByHand, optimize: false));

        _farm.RunFrame(last, 0, and: o => o with { MaxRssKib = Mib });
        _farm.RunFrame(failed, 0, 1, o => o with { MaxRssKib = Mib });
        _farm.RunFrame(fixedByHand, 0, and: o => o with { MaxRssKib = Mib });

        Assert.All([last, failed, fixedByHand], layer => Assert.Equal(3355443, layer.Row.MinMemoryKib));
    }

    [Fact]
    public void Higher_use_that_a_report_missed_but_an_earlier_one_saw_counts()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-2")).Layers[0];
        var run = _farm.Book(layer);
        run.Usage.MaxRssKib = 2 * Gib;

        _farm.Complete(run, 0, o => o with { MaxRssKib = Gib });

        Assert.Equal((2 * Gib, 2 * Gib), (layer.Frames[0].MaxRssKib, layer.Usage.Row.MaxRssKib));
    }

    [Fact]
    public void A_status_with_a_rule_lets_the_layer_rest_and_only_ever_for_longer()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-3")).Layers[0];
        var runs = Enumerable.Range(0, 3).Select(i => _farm.Book(layer, i)).ToList();
        var now = _farm.Clock.Now.WallMs;

        _farm.Complete(runs[0], 330);
        Assert.Equal((now + 300_000, "Automatic backoff: exit status 330"), (layer.Row.StartAfterMs, layer.Row.StartAfterReason));
        _farm.Complete(runs[1], 331);
        _farm.Complete(runs[2], 330);

        Assert.Equal((now + 3_600_000, "Automatic backoff: exit status 331"), (layer.Row.StartAfterMs, layer.Row.StartAfterReason));
        Assert.Equal(3, layer.Counts[FrameState.Waiting]);
    }

    [Fact]
    public void An_eaten_frame_lets_nothing_rest()
    {
        var layer = _farm.Submit(Of(Job("comp", Layer("bg", "1-2")) with { AutoEat = true }))[0].Layers[0];

        _farm.RunFrame(layer, 0, 330);

        Assert.Equal((FrameState.Eaten, 0L), (layer.Frames[0].State, layer.Row.StartAfterMs));
    }

    [Fact]
    public void Usage_is_summed_by_how_runs_ended()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-3")).Layers[0];
        foreach (var (status, seconds) in new[] { (0, 30), (0, 10), (1, 7) })
        {
            _farm.Complete(_farm.Book(layer, layer.Waiting.First()), status, o => o with { RunSeconds = seconds });
        }

        var usage = layer.Usage.Row;
        Assert.Equal((2L, 1L), (usage.Succeeded, usage.Failed));
        Assert.Equal((40L, 7L), (usage.CoreSecondsSucceeded, usage.CoreSecondsFailed));
        Assert.Equal((40L, 7L), (usage.ClockSecondsSucceeded, usage.ClockSecondsFailed));
        Assert.Equal((30L, 10L), (usage.LongestSeconds, usage.ShortestSeconds));
    }

    [Fact]
    public void A_completion_that_comes_hours_late_counts_what_the_run_took()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-2")).Layers[0];
        var run = _farm.Book(layer);
        _farm.Clock.Pass(TimeSpan.FromHours(9));

        _farm.Complete(run, 0, o => o with { RunSeconds = 60 });

        Assert.Equal((60L, 60_000L), (layer.Usage.Row.ClockSecondsSucceeded, layer.Frames[0].StoppedAtMs - layer.Frames[0].StartedAtMs));
    }

    [Fact]
    public void A_run_nobody_timed_took_as_long_as_the_farms_own_time_says_even_if_the_clock_jumped()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-2")).Layers[0];
        var run = _farm.Book(layer);
        _farm.Clock.PassSeconds(50);
        _farm.Clock.JumpWall(TimeSpan.FromDays(-2));

        _farm.End(run, RunEnd.HostRebooted);

        Assert.Equal(50, layer.Usage.Row.ClockSecondsFailed);
        Assert.True(layer.Frames[0].StoppedAtMs > layer.Frames[0].StartedAtMs);
    }

    [Fact]
    public void The_last_success_completes_the_layer_and_the_job()
    {
        var job = _farm.Submit(Of("comp", Layer("bg", "1-2")) with { Email = "a@b" })[0];
        _farm.RunFrame(job.Layers[0], 0);
        Assert.DoesNotContain(_farm.Events, e => e.Kind == FarmEventKind.LayerCompleted);

        _farm.RunFrame(job.Layers[0], 1);

        Assert.Equal((JobState.Finished, false, _farm.Clock.Now.WallMs), (job.Row.State, job.Row.Killed, job.Row.StoppedAtMs));
        Assert.Single(_farm.Events, e => e.Kind == FarmEventKind.LayerCompleted);
        Assert.Single(_farm.Events, e => e.Kind == FarmEventKind.JobFinished && e.Subject == job.Id);
        Assert.Single(_farm.Effects, e => e.Kind == EffectKind.JobEnded && e.Subject == job.Id);
        Assert.Null(_farm.Model.Jobs.FindByName(job.Row.Name));
    }

    [Fact]
    public void A_finished_job_starts_its_post_job()
    {
        var job = _farm.Submit("comp", Layer("bg", "1"), Layer("sheet", "1", type: LayerType.Post));
        var post = _farm.Model.Jobs.FindPostJobOf(job.Id)!;

        _farm.RunAll(job.Layers[0]);
        Assert.Equal(JobState.Pending, post.Row.State);
        _farm.RunAll(post.Layers[0]);

        Assert.Equal(JobState.Finished, post.Row.State);
    }

    [Fact]
    public void A_post_job_whose_frames_were_all_eaten_before_ends_with_its_parent()
    {
        var job = _farm.Submit("comp", Layer("bg", "1"), Layer("sheet", "1", type: LayerType.Post));
        var post = _farm.Model.Jobs.FindPostJobOf(job.Id)!;
        _farm.Do(edit => FrameOperations.Eat(edit, post.Layers[0], 0, "tester", ""));

        _farm.RunAll(job.Layers[0]);

        Assert.Equal(JobState.Finished, post.Row.State);
    }

    [Fact]
    public void A_frame_with_a_checkpoint_in_use_stops_in_checkpoint_but_not_when_its_host_is_lost()
    {
        var layer = _farm.Submit("comp", Layer("bg", "1-2")).Layers[0];
        _farm.Do(edit => Checkpoints.Set(edit, layer, 0, CheckpointState.Enabled));

        var result = _farm.RunFrame(layer, 0, 1);
        Assert.Equal((FrameState.Waiting, FrameState.Checkpoint), (result.DecidedState, layer.Frames[0].State));

        _farm.Do(edit => Checkpoints.Set(edit, layer, 1, CheckpointState.Copying));
        _farm.End(_farm.Book(layer, 1), RunEnd.HostRebooted);
        Assert.Equal((FrameState.Waiting, CheckpointState.Disabled), (layer.Frames[1].State, layer.Frames[1].Checkpoint));
    }

    [Fact]
    public void A_run_cannot_end_twice()
    {
        var run = _farm.Book(_farm.Submit("comp", Layer("bg", "1-2")).Layers[0]);
        _farm.Complete(run);

        Assert.Throws<InvalidOperationException>(() => _farm.Do(
            edit => FrameCompletion.Apply(edit, run, new RunOutcome { End = RunEnd.Completed })));
    }
}
