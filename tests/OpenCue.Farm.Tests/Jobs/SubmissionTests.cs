using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Jobs.Submitting;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Services;
using OpenCue.Farm.Shows;
using OpenCue.Specs;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests.Jobs;

public sealed class SubmissionTests
{
    private const long Gib = 1048576;
    private readonly TestFarm _farm = new();

    [Fact]
    public void A_job_arrives_pending_with_its_conformed_name_its_frames_waiting_and_in_the_shows_root_group()
    {
        var job = _farm.Submit("Comp", Layer("bg", "1-10", chunk: 4), Layer("fg", "1-3"));

        Assert.Equal("testing-shot-artist_comp", job.Row.Name);
        Assert.Equal(JobState.Pending, job.Row.State);
        Assert.Equal(["bg", "fg"], job.Layers.Select(l => l.Row.Name));
        Assert.Equal(["0001-bg", "0005-bg", "0009-bg"], Enumerable.Range(0, 3).Select(i => job.Layers[0].FrameName(i)));
        Assert.Equal(6, job.Frames[FrameState.Waiting]);
        Assert.Same(job.Show.RootGroup, job.Group);
        Assert.Equal("local", job.Facility.Row.Name);
        Assert.Equal((10000, 100, 1, 1), (job.Row.MaxCores, job.Row.MaxGpus, job.Row.Priority, job.Row.MaxRetries));
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(-1, job.Layers[0].Frames[i].ExitStatus));
        Assert.Single(_farm.Events, e => e.Kind == FarmEventKind.JobLaunched && e.Subject == job.Id);
    }

    [Fact]
    public void What_the_specification_says_of_a_job_is_kept()
    {
        var spec = Job("comp", Layer("bg")) with
        {
            Paused = true,
            Priority = 7,
            MaxRetries = 3,
            MaxWholeCores = 12,
            MaxGpus = 2,
            AutoEat = true,
            Os = "linux",
            Environment = [new EnvironmentVariable("A", "b")],
        };
        var job = _farm.Submit(Of(spec) with { Show = "test", Uid = 500, Email = "a@b" })[0];

        Assert.True(job.Row.Paused && job.Row.AutoEat);
        Assert.Equal((7, 3, 1200, 2, "linux"), (job.Row.Priority, job.Row.MaxRetries, job.Row.MaxCores, job.Row.MaxGpus, job.Row.Os));
        Assert.Equal((500, "a@b", "artist", "shot"), (job.Row.Uid, job.Row.Email, job.Row.User, job.Row.Shot));
        Assert.Equal([new EnvironmentVariable("A", "b")], job.Row.Environment);
        Assert.Equal("testing", job.Show.Row.Name);
        Assert.Equal("test-shot-artist_comp", job.Row.Name);
        Assert.Equal($"/shots/test/shot/logs/test-shot-artist_comp--{job.Id}", job.Row.LogDir);
    }

    [Fact]
    public void The_log_root_follows_the_operating_system()
    {
        var farm = new TestFarm(new FarmSettings { LogRoot = "/logs/", LogRootByOs = [new("windows", "//server/logs")] });

        var linux = farm.Submit(Of(Job("one1", Layer("bg")) with { Os = "linux" }))[0];
        var windows = farm.Submit(Of(Job("two2", Layer("bg")) with { Os = "windows" }))[0];

        Assert.StartsWith("/logs/testing/shot/logs/", linux.Row.LogDir, StringComparison.Ordinal);
        Assert.StartsWith("//server/logs/testing/shot/logs/", windows.Row.LogDir, StringComparison.Ordinal);
    }

    [Fact]
    public void Minus_one_as_the_most_cores_stays_minus_one() =>
        Assert.Equal(-1, _farm.Submit(Of(Job("comp", Layer("bg")) with { MaxWholeCores = -1 }))[0].Row.MaxCores);

    [Theory]
    [InlineData("nowhere", "The nowhere does not exist. Please contact administrator of your OpenCue deployment to have this show created.")]
    [InlineData("closed", "The closed show has been deactivated.  Please contact administrator of your OpenCue deployment to reactivate this show.")]
    public void A_show_that_takes_no_jobs_is_refused(string show, string message)
    {
        _farm.Do(edit =>
        {
            var closed = ShowRules.Create(edit, "closed");
            edit.Set(closed, closed.Row with { Active = false });
        });

        Refused(message, Of("comp", Layer("bg")) with { Show = show });
    }

    [Fact]
    public void A_name_that_is_pending_is_refused_before_the_show_is_looked_at()
    {
        _farm.Submit("comp", Layer("bg"));
        _farm.Do(edit => edit.Set(_farm.Model.FindShow("testing")!, _farm.Model.FindShow("testing")!.Row with { Active = false }));

        Refused("The job testing-shot-artist_comp is already pending", Of("comp", Layer("bg")));
    }

    [Fact]
    public void Two_jobs_of_one_name_in_one_specification_are_refused() =>
        Refused(
            "error launching job, active job already exists: testing-shot-artist_comp", Of(
                Job("comp", Layer("bg")), Job("Comp", Layer("bg"))));

    [Fact]
    public void The_name_of_a_finished_job_is_free_again()
    {
        var first = _farm.Submit("comp", Layer("bg", "1"));
        _farm.RunAll(first.Layers[0]);

        var second = _farm.Submit("comp", Layer("bg", "1"));

        Assert.Equal(JobState.Finished, first.Row.State);
        Assert.Same(second, _farm.Model.Jobs.FindByName("testing-shot-artist_comp"));
    }

    [Fact]
    public void A_facility_is_found_by_name_or_id_and_an_unknown_one_is_refused()
    {
        var cloud = _farm.Model.Facilities.Find("cloud")!;

        Assert.Same(cloud, _farm.Submit(Of("one1", Layer("bg")) with { Facility = "cloud" })[0].Facility);
        Assert.Same(cloud, _farm.Submit(Of("two2", Layer("bg")) with { Facility = cloud.Id.ToString() })[0].Facility);
        Refused("failed to find facility: moon", Of("three", Layer("bg")) with { Facility = "moon" });
    }

    [Fact]
    public void A_job_of_post_layers_alone_is_refused() =>
        Refused("The job testing-shot-artist_comp has no layers", Of("comp", Layer("bg", type: LayerType.Post)));

    [Fact]
    public void An_unknown_limit_is_refused_by_name()
    {
        var error = Refused(null, Of("comp", Layer("bg") with { Limits = ["nuke"] }));

        Assert.Contains("the layer bg names the limit nuke, which does not exist", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_are_found_by_name()
    {
        var limit = _farm.Do(edit =>
        {
            var made = new Limit(new LimitRow(edit.NewId(), "nuke", 3));
            edit.Add(made);
            return made;
        });

        Assert.Equal([limit], _farm.Submit("comp", Layer("bg") with { Limits = ["nuke", "nuke", ""] }).Layers[0].Limits);
    }

    [Fact]
    public void A_refused_specification_leaves_nothing_behind()
    {
        var before = FarmDump.Of(_farm.Model);

        Refused(null, Of(Job("one1", Layer("bg")), Job("two2", Layer("bg") with { Limits = ["none"] })));
        Refused(null, Of("comp", Layer("bg")).With(Depend("JOB_ON_JOB", "comp", "nothing")));
        Refused(null, Of("comp", Layer("bg")).With(Depend("LAYER_ON_LAYER", "comp/bg", "comp/fg")));

        Assert.Equal(before, FarmDump.Of(_farm.Model));
        Assert.Empty(_farm.Store.All<JobRow>());
    }

    [Fact]
    public void A_layer_takes_the_values_of_the_first_service_that_exists_and_its_own_over_them()
    {
        var show = _farm.Model.FindShow("testing")!;
        _farm.Do(edit => edit.Add(new Service(new ServiceRow
        {
            Id = edit.NewId(),
            Name = "sim",
            ShowId = show.Id,
            Threadable = true,
            MinCores = 400,
            MaxCores = 800,
            MinMemoryKib = 8 * Gib,
            MinGpus = 1,
            MaxGpus = 2,
            MinGpuMemoryKib = Gib,
            Tags = ["big"],
            TimeoutMinutes = 90,
            TimeoutLogMinutes = 30,
        })));

        var own = Layer("own1") with
        {
            Services = ["none", "sim"],
            MinCorePoints = 200,
            MinMemoryKib = 3 * Gib,
            Tags = ["desk"],
            TimeoutMinutes = 10,
            Threadable = false,
        };
        var job = _farm.Submit("comp", Layer("as_is") with { Services = ["none", "sim"] }, own);

        var (a, b) = (job.Layers[0].Row, job.Layers[1].Row);
        Assert.Equal(["none", "sim"], a.Services);
        Assert.Equal((true, 400, 800, 8 * Gib), (a.Threadable, a.MinCores, a.MaxCores, a.MinMemoryKib));
        Assert.Equal((1, 2, Gib, 90, 30), (a.MinGpus, a.MaxGpus, a.MinGpuMemoryKib, a.TimeoutMinutes, a.TimeoutLogMinutes));
        Assert.Equal(["big"], a.Tags);
        Assert.Equal((false, 200, 3 * Gib, 10, 30), (b.Threadable, b.MinCores, b.MinMemoryKib, b.TimeoutMinutes, b.TimeoutLogMinutes));
        Assert.Equal(["desk"], b.Tags);
    }

    [Fact]
    public void An_unknown_service_becomes_default_with_a_warning()
    {
        var submission = _farm.Do(edit => Submission.Begin(edit, Of("comp", Layer("bg") with { Services = ["fancy"] })));
        while (_farm.Do(submission.Step))
        {
        }

        var job = _farm.Do(submission.Activate)[0];

        Assert.Equal(["fancy", "default"], job.Layers[0].Row.Services);
        Assert.Equal(["general", "desktop"], job.Layers[0].Row.Tags);
        Assert.Contains(submission.Warnings, w => w.Contains("fancy", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_the_service_default_an_unknown_service_is_refused()
    {
        _farm.Do(edit => edit.Remove(_farm.Model.Services.Find(EntityId.None, "default")!));

        Assert.Contains(
            "lacks the service 'default'", Refused(null, Of("comp", Layer("bg") with { Services = [] })), StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_is_never_below_the_farms_minimum() =>
        Assert.Equal(262144, _farm.Submit("comp", Layer("bg") with { MinMemoryKib = 1 }).Layers[0].Row.MinMemoryKib);

    [Fact]
    public void Memory_that_is_not_given_comes_from_the_job_of_an_earlier_version_that_finished_last()
    {
        foreach (var (name, rssGib) in new[] { ("comp_v001", 5), ("comp_v2", 6), ("comp", 7), ("compound_v1", 9) })
        {
            var old = _farm.Submit(name, Layer("bg", "1-4"), Layer("fg", "1"));
            _farm.RunFrame(old.Layers[0], 0, and: o => o with { MaxRssKib = rssGib * Gib });
            _farm.RunAll(old.Layers[0]);
            _farm.RunAll(old.Layers[1]);
        }

        var job = _farm.Submit("comp_v003", Layer("bg"), Layer("fg"), Layer("own1") with { MinMemoryKib = Gib }, Layer("new1"));

        Assert.Equal([7 * Gib, 3355443, Gib, 3355443], job.Layers.Select(l => l.Row.MinMemoryKib));
    }

    [Fact]
    public void An_earlier_job_with_less_than_half_of_a_layer_done_tells_nothing()
    {
        var old = _farm.Submit("comp_v1", Layer("bg", "1-5"));
        _farm.RunFrame(old.Layers[0], 0, and: o => o with { MaxRssKib = 9 * Gib });
        _farm.RunFrame(old.Layers[0], 1);
        _farm.Do(edit => JobRules.Kill(edit, old, "tester", ""));

        Assert.Equal(3355443, _farm.Submit("comp_v2", Layer("bg")).Layers[0].Row.MinMemoryKib);
    }

    [Fact]
    public void Post_layers_become_a_posted_job_of_the_user_monitor()
    {
        var job = _farm.Submit(Of(Job("artist", Layer("bg"), Layer("sheet", type: LayerType.Post)) with
        {
            Priority = 9,
            Environment = [new EnvironmentVariable("A", "b")],
            Paused = true,
            AutoEat = true,
            MaxWholeCores = 3,
        }) with
        { Shot = "artist", Uid = 5, Email = "a@b" })[0];

        var post = _farm.Model.Jobs.FindPostJobOf(job.Id)!;
        Assert.Equal(["bg"], job.Layers.Select(l => l.Row.Name));
        Assert.Equal($"testing-artist-monitor_artist_post_job_{_farm.Clock.Now.WallMs}", post.Row.Name);
        Assert.Equal((JobState.Posted, "monitor", 5, null), (post.Row.State, post.Row.User, post.Row.Uid, post.Row.Email));
        Assert.Equal((1, 2), (post.Row.Priority, post.Row.MaxRetries));
        Assert.False(post.Row.Paused || post.Row.AutoEat || post.IsDispatchable);
        Assert.Equal(10000, post.Row.MaxCores);
        Assert.Equal(["b", job.Id.ToString(), job.Row.Name], post.Row.Environment.Select(e => e.Value));
        Assert.Equal(2, post.Layers[0].Row.DispatchOrder);
        Assert.Equal(3, post.Frames[FrameState.Waiting]);
    }

    [Fact]
    public void Until_the_last_step_nothing_is_visible_or_bookable_and_the_name_is_taken()
    {
        var submission = _farm.Do(edit => Submission.Begin(edit, Of("comp", Layer("bg", "1-9000"))));
        Assert.True(_farm.Do(submission.Step));

        var job = _farm.Model.Jobs.FindByName("testing-shot-artist_comp")!;
        Assert.False(job.IsVisible || job.IsDispatchable);
        Refused("The job testing-shot-artist_comp is already pending", Of("comp", Layer("bg")));
        Refused(null, Of("other", Layer("bg")).With(Depend("JOB_ON_JOB", "other", "comp")));
    }

    [Fact]
    public void Frames_are_stored_in_chunks_and_the_last_step_stores_none()
    {
        var submission = _farm.Do(edit => Submission.Begin(edit, Of("comp", Layer("bg", "1-9000"), Layer("fg", "1-9000"))
            .With(Depend("FRAME_BY_FRAME", "comp/fg", "comp/bg"))));
        var chunks = new List<int>();
        bool more;
        do
        {
            more = _farm.Do(submission.Step);
            chunks.Add(_farm.LastChanges.NewFrames.Count);
        }
        while (more);

        _farm.Do(submission.Activate);

        Assert.Equal(18000, chunks.Sum());
        Assert.All(chunks, n => Assert.InRange(n, 1, 4000));
        Assert.Equal((0, 0), (_farm.LastChanges.Frames.Count, _farm.LastChanges.NewFrames.Count));
        var job = _farm.Model.Jobs.FindByName("testing-shot-artist_comp")!;
        Assert.Equal((9000, 9000), (job.Frames[FrameState.Waiting], job.Frames[FrameState.Depend]));
    }

    [Fact]
    public void A_dropped_submission_is_gone_from_the_farm_and_the_store()
    {
        var before = FarmDump.Of(_farm.Model);
        var submission = _farm.Do(edit => Submission.Begin(edit, Of("comp", Layer("bg", "1-9000"), Layer("post", type: LayerType.Post))));
        _farm.Do(submission.Step);

        _farm.Do(submission.Drop);

        Assert.Equal(before, FarmDump.Of(_farm.Model));
        Assert.Empty(_farm.Store.Rows().Frames);
        _farm.Submit("comp", Layer("bg"));
    }

    [Fact]
    public void A_step_that_comes_after_the_drop_is_refused()
    {
        var submission = _farm.Do(edit => Submission.Begin(edit, Of("comp", Layer("bg", "1-3"))));
        _farm.Do(submission.Step);
        _farm.Do(submission.Drop);

        Assert.Throws<FarmException>(() => _farm.Do(submission.Step));
        Assert.Throws<FarmException>(() => _farm.Do(submission.Activate));
        Assert.Equal(0, _farm.Model.Jobs.Count);
    }

    [Fact]
    public void A_submission_is_activated_once()
    {
        var submission = _farm.Do(edit => Submission.Begin(edit, Of("comp", Layer("bg", "1-3"))));
        _farm.Do(submission.Step);
        _farm.Do(submission.Activate);

        Assert.Throws<FarmException>(() => _farm.Do(submission.Activate));
        _farm.Do(submission.Drop);
        Assert.Equal(1, _farm.Model.Jobs.Count);
    }

    [Fact]
    public void What_a_stop_of_the_server_cut_off_is_dropped_at_the_next_start()
    {
        var submission = _farm.Do(edit => Submission.Begin(edit, Of("comp", Layer("bg", "1-9000"))));
        _farm.Do(submission.Step);

        _farm.Restart();

        Assert.Equal(0, _farm.Model.Jobs.Count);
        Assert.Empty(_farm.Store.All<JobRow>());
        Assert.Empty(_farm.Store.All<LayerRow>());
        Assert.Empty(_farm.Store.Rows().Frames);
    }

    [Fact]
    public void A_show_that_is_closed_between_two_steps_refuses_the_last_one()
    {
        var submission = _farm.Do(edit => Submission.Begin(edit, Of("comp", Layer("bg", "1-3"))));
        _farm.Do(submission.Step);
        _farm.Do(edit => edit.Set(_farm.Model.FindShow("testing")!, _farm.Model.FindShow("testing")!.Row with { Active = false }));

        Assert.Throws<FarmException>(() => _farm.Do(submission.Activate));
        Assert.False(_farm.Model.Jobs.FindByName("testing-shot-artist_comp")!.IsVisible);
    }

    [Fact]
    public void A_job_that_finishes_between_two_steps_is_waited_for_no_more()
    {
        var on = _farm.Submit("first", Layer("bg", "1"));
        var submission = _farm.Do(edit => Submission.Begin(
            edit, Of("second", Layer("bg")).With(
                Depend("JOB_ON_JOB", "second", "first"), Depend("LAYER_ON_LAYER", "second/bg", "first/bg"))));
        _farm.Do(submission.Step);
        _farm.RunAll(on.Layers[0]);

        var job = _farm.Do(submission.Activate)[0];

        Assert.Equal(3, job.Frames[FrameState.Waiting]);
    }

    [Fact]
    public void All_jobs_of_a_specification_arrive_together_and_may_wait_for_each_other()
    {
        var jobs = _farm.Submit(Of(Job("one1", Layer("bg")), Job("two2", Layer("bg"))).With(Depend("JOB_ON_JOB", "two2", "one1")));

        Assert.Equal(["testing-shot-artist_one1", "testing-shot-artist_two2"], jobs.Select(j => j.Row.Name));
        Assert.Equal((3, 3), (jobs[0].Frames[FrameState.Waiting], jobs[1].Frames[FrameState.Depend]));
        Assert.Equal((2L, 6L), (jobs[0].Show.Row.JobsCreated, jobs[0].Show.Row.FramesCreated));
    }

    [Fact]
    public void A_depend_may_name_a_pending_job_of_another_shot_by_its_full_name()
    {
        var other = _farm.Submit(Of("comp", Layer("bg")) with { Shot = "elsewhere", User = "other" })[0];

        var job = _farm.Submit(Of("comp", Layer("bg")).With(Depend("JOB_ON_JOB", "comp", other.Row.Name)))[0];

        Assert.Same(other, Assert.Single(job.WaitsOn).OnJob);
    }

    [Theory]
    [InlineData("JOB_ON_JOB", "comp", "missing", "no job missing is pending")]
    [InlineData("LAYER_ON_LAYER", "comp/bg", "comp/missing", "The layer missing was not found in testing-shot-artist_comp")]
    [InlineData("FRAME_ON_FRAME", "comp/0001-bg", "comp/0099-fg", "The frame 0099-fg was not found in testing-shot-artist_comp")]
    public void A_depend_on_what_is_not_there_fails_the_whole_specification(string type, string er, string on, string cause)
    {
        var error = Refused(null, Of("comp", Layer("bg"), Layer("fg")).With(Depend(type, er, on)));

        Assert.StartsWith($"failed to setup new dependency: {type}, was unable to find job info for ", error, StringComparison.Ordinal);
        Assert.EndsWith(cause, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_that_wait_for_each_other_are_accepted_with_a_warning()
    {
        var submission = _farm.Do(edit => Submission.Begin(edit, Of("comp", Layer("aaa"), Layer("bbb"))
            .With(Depend("LAYER_ON_LAYER", "comp/aaa", "comp/bbb"), Depend("FRAME_BY_FRAME", "comp/bbb", "comp/aaa"))));
        _farm.Do(submission.Step);
        _farm.Do(submission.Activate);

        Assert.Contains(submission.Warnings, w => w.Contains("aaa on bbb on aaa", StringComparison.Ordinal));
    }

    private string Refused(string? message, JobSpecDocument document)
    {
        var error = Assert.Throws<FarmException>(() => _farm.Submit(document));
        Assert.Equal(Refusal.Internal, error.Refusal);
        if (message is not null)
        {
            Assert.Equal(message, error.Message);
        }

        return error.Message;
    }
}
