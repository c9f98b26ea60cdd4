using System.Text.Json;

namespace OpenCue.Cli.Tests;

public sealed class JobListTests
{
    [Fact]
    public async Task Jobs_are_listed_with_their_figures_the_newest_last()
    {
        await using var server = await FakeCuebot.StartAsync();
        var first = server.Farm.Add("testing-sh010-anna_beauty", ("render", 10));
        server.Farm.Set(first, "render", Wire.FrameState.Succeeded, Wire.FrameState.Running, Wire.FrameState.Dead);
        server.Farm.Add("testing-sh010-anna_matte", ("render", 3)).IsPaused = true;

        var run = await CueRun.OfAsync(["job", "list"], server);

        Assert.Equal(0, run.Code);
        Assert.Equal(3, run.Lines.Length);
        Assert.StartsWith("JOB", run.Lines[0]);
        Assert.Matches(@"^testing-sh010-anna_beauty  running +1/10 +1 +7 +0 +1 ", run.Lines[1]);
        Assert.Matches(@"^testing-sh010-anna_matte   paused +0/3 ", run.Lines[2]);
    }

    [Fact]
    public async Task Into_a_pipe_names_go_in_full_without_tabs_or_blanks_at_the_end()
    {
        await using var server = await FakeCuebot.StartAsync();
        var name = "testing-sh010-anna_" + new string('x', 200);
        server.Farm.Add(name, ("render", 1));

        var run = await CueRun.OfAsync(["job", "list"], server);

        Assert.Contains(name, run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\t', run.Out);
        Assert.All(run.Lines, line => Assert.Equal(line.TrimEnd(), line));
        Assert.DoesNotContain('\e', run.Out);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(200)]
    public async Task On_a_terminal_no_line_is_wider_than_it(int width)
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("testing-sh010-anna_" + new string('x', 200) + "_v003", ("render", 1000));
        server.Farm.Add("testing-sh010-anna_short", ("render", 1));

        var run = await CueRun.OfAsync(["job", "list"], server, width);

        Assert.All(run.Lines, line => Assert.True(line.Length <= width, $"{line.Length}: {line}"));
        // Names differ at their ends: the middle gives way.
        Assert.Matches("^testi.*….*_v003 ", run.Lines[1]);
    }

    [Fact]
    public async Task Json_has_every_field_under_its_name_on_the_wire_and_in_its_unit()
    {
        await using var server = await FakeCuebot.StartAsync();
        var job = server.Farm.Add("testing-sh010-anna_beauty", ("render", 10));
        job.JobStats.MaxRss = 5_000_000_000;

        var run = await CueRun.OfAsync(["job", "list", "--json"], server);

        var listed = Assert.Single(JsonDocument.Parse(run.Out).RootElement.EnumerateArray());
        Assert.Equal("testing-sh010-anna_beauty", listed.GetProperty("name").GetString());
        Assert.Equal("PENDING", listed.GetProperty("state").GetString());
        Assert.False(listed.GetProperty("is_paused").GetBoolean());
        Assert.Equal(5_000_000_000, listed.GetProperty("job_stats").GetProperty("max_rss").GetInt64());
        Assert.Equal(JsonValueKind.Null, listed.GetProperty("uid").ValueKind);
        Assert.Equal(Wire.Job.Descriptor.Fields.InDeclarationOrder().Count, listed.EnumerateObject().Count());
    }

    [Fact]
    public async Task No_jobs_is_an_empty_json_list_and_a_note_for_people()
    {
        await using var server = await FakeCuebot.StartAsync();

        var json = await CueRun.OfAsync(["job", "list", "--json"], server);
        var plain = await CueRun.OfAsync(["job", "list"], server);

        Assert.Equal(0, JsonDocument.Parse(json.Out).RootElement.GetArrayLength());
        Assert.Equal("", plain.Out);
        Assert.Contains("--finished", plain.Error, StringComparison.Ordinal);
        Assert.Equal(0, plain.Code);
    }

    [Fact]
    public async Task Filters_become_the_search_of_the_server()
    {
        await using var server = await FakeCuebot.StartAsync();

        await CueRun.OfAsync(["job", "list", "Bea_1", "--user", "anna", "--user", "ben", "--show", "testing", "--shot", "sh010", "--finished"], server);

        var search = Assert.IsType<Wire.JobGetJobsRequest>(Assert.Single(server.Farm.Requests)).R;
        Assert.Equal([@"bea\_1"], search.Substr);
        Assert.Equal(["anna", "ben"], search.Users);
        Assert.Equal(["testing"], search.Shows);
        Assert.Equal(["sh010"], search.Shots);
        Assert.True(search.IncludeFinished);
    }

    [Fact]
    public async Task A_name_that_would_move_the_cursor_is_shown_without_its_control_characters()
    {
        await using var server = await FakeCuebot.StartAsync();
        server.Farm.Add("evil\e[2Jname\nsecond", ("render", 1));

        var run = await CueRun.OfAsync(["job", "list"], server);

        Assert.Equal(2, run.Lines.Length);
        Assert.DoesNotContain('\e', run.Out);
    }
}
