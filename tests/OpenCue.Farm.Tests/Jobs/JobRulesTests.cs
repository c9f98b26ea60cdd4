using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests.Jobs;

public sealed class JobRulesTests
{
    private readonly TestFarm _farm = new();

    [Fact]
    public void A_killed_job_is_finished_at_once_and_its_runs_die_after_it()
    {
        var job = _farm.Submit("comp", Layer("bg", "1-4"), Layer("sheet", "1", type: LayerType.Post));
        var runs = new[] { _farm.Book(job.Layers[0], 0), _farm.Book(job.Layers[0], 1) };
        _farm.RunFrame(job.Layers[0], 2, 0);

        Assert.True(_farm.Do(edit => JobRules.Kill(edit, job, "tester", "because")));
        Assert.Equal((JobState.Finished, true, false), (job.Row.State, job.Row.Killed, job.Row.HoldsName));
        Assert.Equal(JobState.Pending, _farm.Model.Jobs.FindPostJobOf(job.Id)!.Row.State);
        Assert.Single(_farm.Events, e => e.Kind == FarmEventKind.JobKilled && e.Reason == $"{job.Row.Name}: because");
        Assert.Single(_farm.Effects, e => e.Kind == EffectKind.JobEnded && e.Subject == job.Id);

        _farm.FinishBulk();
        Assert.All(runs, run => Assert.Equal(KillOutcome.Retry, run.Row.Kill!.Outcome));
        Assert.All(runs, run => _farm.Complete(run, 1));
        Assert.Equal(
            [(FrameState.Waiting, 500), (FrameState.Waiting, 500), (FrameState.Succeeded, 0), (FrameState.Waiting, -1)],
            job.Layers[0].Frames.ToArray().Select(f => (f.State, f.ExitStatus)));
        Assert.Equal((JobState.Finished, 0), (job.Row.State, job.OpenRuns));
    }

    [Theory]
    [InlineData(JobState.Posted)]
    [InlineData(JobState.Finished)]
    public void A_job_that_is_not_pending_can_not_be_killed(JobState state)
    {
        var job = _farm.Submit("comp", Layer("bg", "1"), Layer("sheet", "1", type: LayerType.Post));
        var target = state == JobState.Posted ? _farm.Model.Jobs.FindPostJobOf(job.Id)! : job;
        if (state == JobState.Finished)
        {
            _farm.RunAll(job.Layers[0]);
        }

        Assert.False(_farm.Do(edit => JobRules.Kill(edit, target, "tester", "because")));
        Assert.True(_farm.LastChanges.IsEmpty);
    }

    [Fact]
    public void A_kill_without_a_reason_kills_unless_the_farm_wants_one()
    {
        var strict = new TestFarm(new FarmSettings { KillNeedsReason = true });
        var job = strict.Submit("comp", Layer("bg", "1"));
        var other = _farm.Submit("comp", Layer("bg", "1"));

        Assert.Throws<FarmException>(() => strict.Do(edit => JobRules.Kill(edit, job, "tester", " ")));
        Assert.True(_farm.Do(edit => JobRules.Kill(edit, other, "tester", "")));
        Assert.Equal(JobState.Pending, job.Row.State);
    }

    [Fact]
    public void Retrying_a_frame_of_a_finished_job_revives_it_under_its_name()
    {
        var job = _farm.Submit("comp", Layer("bg", "1-2"));
        _farm.RunAll(job.Layers[0]);
        var stopped = job.Row.StoppedAtMs;

        _farm.Do(edit => FrameOperations.Retry(edit, job.Layers[0], 0, "tester", ""));

        Assert.Equal((JobState.Pending, true, stopped), (job.Row.State, job.Row.HoldsName, job.Row.StoppedAtMs));
        Assert.Same(job, _farm.Model.Jobs.FindByName(job.Row.Name));
        _farm.RunAll(job.Layers[0]);
        Assert.Equal(JobState.Finished, job.Row.State);
    }

    [Fact]
    public void A_revived_job_whose_name_is_taken_is_found_by_its_id_alone()
    {
        var old = _farm.Submit("comp", Layer("bg", "1"));
        _farm.RunAll(old.Layers[0]);
        var young = _farm.Submit("comp", Layer("bg", "1"));

        _farm.Do(edit => FrameOperations.Retry(edit, old.Layers[0], 0, "tester", ""));

        Assert.Equal((JobState.Pending, false), (old.Row.State, old.Row.HoldsName));
        Assert.Same(young, _farm.Model.Jobs.FindByName(old.Row.Name));
        _farm.RunAll(young.Layers[0]);
        _farm.RunAll(old.Layers[0]);
        Assert.Equal(JobState.Finished, old.Row.State);
    }

    [Fact]
    public void Retrying_a_frame_of_a_posted_job_does_not_start_it_early()
    {
        var job = _farm.Submit("comp", Layer("bg", "1"), Layer("sheet", "1", type: LayerType.Post));
        var post = _farm.Model.Jobs.FindPostJobOf(job.Id)!;

        _farm.Do(edit => FrameOperations.Retry(edit, post.Layers[0], 0, "tester", ""));

        Assert.Equal(JobState.Posted, post.Row.State);
    }

    [Fact]
    public void A_killed_job_is_no_killed_one_any_more_once_it_is_revived()
    {
        var job = _farm.Submit("comp", Layer("bg", "1"));
        _farm.Do(edit => JobRules.Kill(edit, job, "tester", ""));

        _farm.Do(edit => FrameOperations.Retry(edit, job.Layers[0], 0, "tester", ""));

        Assert.False(job.Row.Killed);
        Assert.True(job.IsDispatchable);
    }

    [Fact]
    public void A_run_booked_after_a_job_was_revived_is_not_killed_by_the_kill_before()
    {
        var job = _farm.Submit("comp", Layer("bg", "1-2"));
        var first = _farm.Book(job.Layers[0], 0);
        _farm.Do(edit => JobRules.Kill(edit, job, "tester", ""));
        _farm.Complete(first, 1);
        _farm.Do(edit => FrameOperations.Retry(edit, job.Layers[0], 0, "tester", ""));
        _farm.Clock.PassSeconds(1);
        var second = _farm.Book(job.Layers[0], 0);

        _farm.FinishBulk();

        Assert.Null(second.Row.Kill);
    }

    [Fact]
    public void Finished_jobs_go_to_history_after_72_hours_the_longest_finished_first()
    {
        var jobs = new[] { "one1", "two2", "three" }.Select(name => _farm.Submit(name, Layer("bg", "1"))).ToList();
        foreach (var job in jobs)
        {
            _farm.Clock.PassSeconds(60);
            _farm.RunAll(job.Layers[0]);
        }

        _farm.Clock.Pass(TimeSpan.FromHours(71));
        Assert.Equal(0, _farm.Do(edit => JobRules.ArchiveDue(edit, 10)));
        _farm.Clock.Pass(TimeSpan.FromHours(2));
        Assert.Equal(2, _farm.Do(edit => JobRules.ArchiveDue(edit, 2)));

        Assert.Equal([jobs[0].Id, jobs[1].Id], _farm.Store.Archived);
        Assert.Equal([jobs[2]], _farm.Model.Jobs.All);
        Assert.Equal((1, 1), (_farm.Model.Layers.Count, _farm.Store.All<LayerRow>().Count()));
        Assert.Equal(2, jobs[0].Show.Row.ArchivedRunsSucceeded);
    }

    [Fact]
    public void A_finished_job_with_a_run_that_has_not_ended_stays()
    {
        var job = _farm.Submit("comp", Layer("bg", "1"));
        var run = _farm.Book(job.Layers[0]);
        _farm.Do(edit => JobRules.Kill(edit, job, "tester", ""));
        _farm.FinishBulk();
        _farm.Clock.Pass(TimeSpan.FromHours(100));

        Assert.Equal(0, _farm.Do(edit => JobRules.ArchiveDue(edit, 10)));
        _farm.Complete(run, 1);
        Assert.Equal(1, _farm.Do(edit => JobRules.ArchiveDue(edit, 10)));
    }

    [Fact]
    public void What_still_waited_for_a_job_that_goes_to_history_is_free()
    {
        var on = _farm.Submit("waited", Layer("bg", "1-200"), Layer("fg", "1-3"));
        var er = _farm.Submit("waiter", Layer("bg", "1-200"), Layer("fg", "1-3"));
        _farm.Do(edit => DependRules.Create(edit, DependType.FrameByFrame, DependEnd.Of(er.Layers[0]), DependEnd.Of(on.Layers[0])));
        _farm.Do(edit => DependRules.Create(edit, DependType.LayerOnLayer, DependEnd.Of(er.Layers[1]), DependEnd.Of(on.Layers[1])));
        _farm.Do(edit => DependRules.Create(edit, DependType.LayerOnLayer, DependEnd.Of(on.Layers[1]), DependEnd.Of(on.Layers[0])));
        _farm.RunFrame(on.Layers[0], 70);
        _farm.Do(edit => JobRules.Kill(edit, on, "tester", ""));
        Assert.Equal(202, er.Frames[FrameState.Depend]);
        _farm.Clock.Pass(TimeSpan.FromHours(100));

        _farm.Do(edit => JobRules.ArchiveDue(edit, 10));

        Assert.Equal(203, er.Frames[FrameState.Waiting]);
        Assert.Empty(_farm.Model.Depends);
        Assert.Empty(_farm.Store.All<DependMarksRow>());
        Assert.Empty(FarmInvariants.Check(_farm.Model));
    }

    [Fact]
    public void A_job_that_moves_to_a_group_takes_over_what_the_group_gives_and_keeps_the_rest()
    {
        var job = _farm.Submit(Of(Job("comp", Layer("bg")) with { Priority = 3, MaxGpus = 4 }))[0];
        var group = _farm.Do(edit =>
        {
            var made = new Group(
                new GroupRow
                {
                    Id = edit.NewId(),
                    ShowId = job.Show.Id,
                    ParentId = job.Group.Id,
                    Name = "fast",
                    DefaultJobPriority = 90,
                    DefaultJobMinCores = 200,
                    DefaultJobMaxCores = 800,
                    DefaultJobMinGpus = 1,
                },
                job.Show);
            edit.Add(made);
            return made;
        });
        _farm.Book(job.Layers[0]);

        _farm.Do(edit => JobRules.SetGroup(edit, job, group));

        Assert.Equal((90, 200, 800, 1, 4), (job.Row.Priority, job.Row.MinCores, job.Row.MaxCores, job.Row.MinGpus, job.Row.MaxGpus));
        Assert.Equal((100, 0), (group.Use.CorePoints, job.Show.RootGroup.Use.CorePoints));
        var other = _farm.Do(edit => ShowRules.Create(edit, "other"));
        Assert.Throws<FarmException>(() => _farm.Do(edit => JobRules.SetGroup(edit, job, other.RootGroup)));
    }

    [Fact]
    public void Settings_are_set_and_told_and_setting_the_same_again_changes_nothing()
    {
        var job = _farm.Submit("comp", Layer("bg"));
        _farm.Do(edit =>
        {
            JobRules.SetPaused(edit, job, paused: true);
            JobRules.SetPriority(edit, job, 42);
            JobRules.SetMaxRetries(edit, job, 16);
            JobRules.SetMinCores(edit, job, 300);
            JobRules.SetMaxCores(edit, job, 0);
            JobRules.SetMinGpus(edit, job, 1);
            JobRules.SetMaxGpus(edit, job, 2);
            JobRules.AddSubscriber(edit, job, " a@b ");
            JobRules.AddSubscriber(edit, job, "A@b");
            JobRules.AddSubscriber(edit, job, "c@d");
        });

        var row = job.Row;
        Assert.Equal((true, 42, 16, "a@b,c@d"), (row.Paused, row.Priority, row.MaxRetries, row.Email));
        Assert.Equal((300, 0, 1, 2), (row.MinCores, row.MaxCores, row.MinGpus, row.MaxGpus));
        Assert.Contains(
            _farm.Events,
            e => e.Kind == FarmEventKind.SettingChanged && e.Reason == $"priority of job {row.Name}: 1 -> 42" && e.By.Name == "tester");
        _farm.Do(edit => JobRules.SetPriority(edit, job, 42));
        Assert.True(_farm.LastChanges.IsEmpty);
    }

    [Fact]
    public void Auto_eat_sets_the_retries_too()
    {
        var job = _farm.Submit("comp", Layer("bg"));

        _farm.Do(edit => JobRules.SetAutoEat(edit, job, autoEat: true));
        Assert.Equal((true, 0), (job.Row.AutoEat, job.Row.MaxRetries));
        _farm.Do(edit => JobRules.SetAutoEat(edit, job, autoEat: false));
        Assert.Equal((false, 1), (job.Row.AutoEat, job.Row.MaxRetries));
    }

    [Theory]
    [InlineData(-1, "max retries must be greater than 0")]
    [InlineData(17, "max retries must be less than 16")]
    public void Retries_out_of_bounds_are_refused(int retries, string message)
    {
        var job = _farm.Submit("comp", Layer("bg"));

        Assert.Equal(message, Assert.Throws<FarmException>(() => _farm.Do(edit => JobRules.SetMaxRetries(edit, job, retries))).Message);
    }
}
