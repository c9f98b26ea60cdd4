namespace OpenCue.Cli.Tests;

public sealed class FindingTests
{
    [Theory]
    [InlineData("testing-sh010-anna_beauty")]
    [InlineData("TESTING-SH010-ANNA_BEAUTY")]
    [InlineData("beauty")]
    [InlineData("beau")]
    public async Task A_job_is_found_by_full_name_by_suffix_and_by_a_part_of_its_own(string text)
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_matte", ("render", 1));
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 1));

        var run = await CueRun.OfAsync(["job", "show", text], server);

        Assert.Equal(0, run.Code);
        Assert.Contains("testing-sh010-anna_beauty", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_as_it_was_submitted_finds_the_job_although_the_farm_keeps_underscores_for_dashes()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_hero_left_v2", ("render", 1));

        Assert.Equal(0, (await CueRun.OfAsync(["job", "show", "Hero-Left-v2"], server)).Code);
    }

    [Fact]
    public async Task A_job_is_found_by_its_id()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 1));

        Assert.Equal(0, (await CueRun.OfAsync(["job", "show", job.Id], server)).Code);
        Assert.Equal(3, (await CueRun.OfAsync(["job", "show", Guid.CreateVersion7().ToString()], server)).Code);
    }

    [Fact]
    public async Task Several_that_fit_are_named_and_none_is_taken()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty_left", ("render", 1));
        server.Farm.Add("testing-sh010-anna_beauty_right", ("render", 1));

        var run = await CueRun.OfAsync(["job", "pause", "beauty"], server);

        Assert.Equal(3, run.Code);
        Assert.Equal(
            "cue: 'beauty' fits 2 jobs: testing-sh010-anna_beauty_left, testing-sh010-anna_beauty_right; name one of them\n", run.Error);
        Assert.DoesNotContain(server.Farm.Requests, request => request is Wire.JobPauseRequest);
    }

    [Fact]
    public async Task The_whole_name_wins_over_a_longer_one_that_holds_it()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_beauty", ("render", 1));
        server.Farm.Add("testing-sh010-anna_beauty_v2", ("render", 1));

        var run = await CueRun.OfAsync(["job", "pause", "beauty"], server);

        Assert.Equal("Paused testing-sh010-anna_beauty\n", run.Out);
    }

    [Fact]
    public async Task Finished_jobs_count_only_where_no_other_fits_and_of_one_name_the_last()
    {
        await using var server = await FakeCuebot.StartAsync();
        var old = server.Farm.Add("testing-sh010-anna_beauty", ("render", 1));
        var newer = server.Farm.Add("testing-sh010-anna_beauty", ("render", 1));
        server.Farm.Finish(old);
        server.Farm.Finish(newer);

        var finished = await CueRun.OfAsync(["job", "show", "beauty"], server);
        var pending = server.Farm.Add("testing-sh010-anna_beauty_again", ("render", 1));
        var both = await CueRun.OfAsync(["job", "show", "beaut"], server);

        Assert.Contains(newer.Id, finished.Out, StringComparison.Ordinal);
        Assert.Contains(pending.Id, both.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_fits_nothing_says_so()
    {
        await using var server = await FakeCuebot.StartAsync();

        var run = await CueRun.OfAsync(["job", "show", "nothing"], server);

        Assert.Equal(3, run.Code);
        Assert.StartsWith("cue: there is no job whose name is or holds 'nothing'", run.Error);
    }
}
