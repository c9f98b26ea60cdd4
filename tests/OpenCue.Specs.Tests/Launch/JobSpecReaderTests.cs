using System.Text;
using OpenCue.Specs.Launch;
using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Tests.Launch;

public sealed class JobSpecReaderTests
{
    [Fact]
    public void A_whole_specification_is_read_with_every_value()
    {
        var expected = new JobSpecDocument
        {
            Facility = "local",
            Show = "testing",
            Shot = "dev_1",
            User = "testuser",
            Email = "testuser@example.com",
            Uid = 9860,
            Jobs =
            [
                new JobSpec
                {
                    Name = "Comp-v2",
                    Paused = true,
                    Priority = 50,
                    MaxRetries = 1,
                    MaxWholeCores = 20,
                    MaxGpus = 2,
                    Os = "Linux",
                    LocalBook = new LocalBookSpec { Host = "box", WholeCores = 2, MemoryKib = 4_194_304, Threads = 1, GpuMemoryKib = 0 },
                    Environment = [new("A", "one"), new("B", "two words")],
                    Layers =
                    [
                        new LayerSpec
                        {
                            Name = "render_a",
                            Command = "render -f #IFRAME# && echo \"done\"",
                            Range = FrameSet.Parse("1-10"),
                            ChunkSize = 4,
                            MinCorePoints = 250,
                            Threadable = true,
                            MinMemoryKib = 4_194_304,
                            MinGpus = 1,
                            MinGpuMemoryKib = 524_288,
                            TimeoutMinutes = 60,
                            TimeoutLluMinutes = 10,
                            Tags = ["general", "desktop"],
                            Limits = ["arnold", "nuke"],
                            Services = ["arnold"],
                            Outputs = ["/out/comp.#.exr"],
                            Environment = [new("C", "three")],
                        },
                        new LayerSpec { Name = "cleanup", Type = LayerType.Post, Command = "rm -r tmp", Range = FrameSet.Parse("1") },
                    ],
                },
            ],
            Depends =
            [
                new DependSpec
                {
                    Type = DependType.LayerOnLayer,
                    AnyFrame = true,
                    DependJob = "comp",
                    DependLayer = "render_a",
                    OnJob = "other",
                    OnLayer = "sim_a",
                },
                new DependSpec
                {
                    Type = DependType.FrameOnFrame,
                    DependJob = "comp",
                    DependFrame = new FrameName(5, "render_a"),
                    OnJob = "other",
                    OnFrame = new FrameName(1, "sim_a"),
                },
            ],
        };

        Assert.Equal(expected, JobSpecReader.Read(SpecXml.Whole));
        Assert.Equal("testing-dev_1-testuser_comp_v2", expected.FullJobName("Comp-v2"));
    }

    [Fact]
    public void What_the_specification_leaves_out_is_null_or_empty()
    {
        var document = JobSpecReader.Read(SpecXml.Job(""));
        Assert.Null(document.Facility);
        Assert.Null(document.Email);
        Assert.Null(document.Uid);
        Assert.Empty(document.Depends);
        Assert.Empty(document.Warnings);

        var job = Assert.Single(document.Jobs);
        Assert.False(job.Paused);
        Assert.False(job.AutoEat);
        Assert.Null(job.Priority);
        Assert.Null(job.MaxRetries);
        Assert.Null(job.MaxWholeCores);
        Assert.Null(job.MaxGpus);
        Assert.Null(job.Os);
        Assert.Null(job.LocalBook);
        Assert.Empty(job.Environment);

        var layer = Assert.Single(job.Layers);
        Assert.Null(layer.MinCorePoints);
        Assert.Null(layer.Threadable);
        Assert.Null(layer.MinMemoryKib);
        Assert.Null(layer.MinGpus);
        Assert.Null(layer.MinGpuMemoryKib);
        Assert.Null(layer.TimeoutMinutes);
        Assert.Null(layer.TimeoutLluMinutes);
        Assert.Null(layer.Tags);
        Assert.Empty(layer.Limits);
        Assert.Empty(layer.Services);
        Assert.Empty(layer.Outputs);
        Assert.Empty(layer.Environment);
        Assert.Equal(10, layer.Chunks().Count);
    }

    [Theory]
    [InlineData("True", true)]
    [InlineData("yes", true)]
    [InlineData("ON", true)]
    [InlineData("1", true)]
    [InlineData("False", false)]
    [InlineData("2", false)]
    [InlineData("", false)]
    public void Switches_are_read_as_OpenCue_does(string text, bool on)
    {
        Assert.Equal(on, SpecXml.ReadJob($"<paused>{text}</paused>").Paused);
        Assert.Equal(on, SpecXml.ReadJob($"<autoeat>{text}</autoeat>").AutoEat);
        Assert.Equal(on, SpecXml.ReadLayer($"<threadable>{text}</threadable>").Threadable);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("2", 1)]
    [InlineData("-1", 0)]
    public void Retries_are_clamped_with_a_warning(string asked, int given)
    {
        var document = JobSpecReader.Read(SpecXml.Job($"<maxretries>{asked}</maxretries>"));
        Assert.Equal(given, document.Jobs[0].MaxRetries);
        Assert.Equal(asked == $"{given}" ? [] : [$"maxretries {asked} was changed to {given}; a specification may ask for 0 to 1 (element maxretries, line 1)"], document.Warnings);
    }

    [Fact]
    public void A_site_may_allow_more_retries() =>
        Assert.Equal(16, SpecXml.ReadJob("<maxretries>20</maxretries>", new JobSpecOptions { MaxRetries = 16 }).MaxRetries);

    [Fact]
    public void Minus_one_of_the_job_maxima_is_kept()
    {
        var job = SpecXml.ReadJob("<maxcores>-1</maxcores><maxgpus>-1</maxgpus>");
        Assert.Equal(-1, job.MaxWholeCores);
        Assert.Equal(-1, job.MaxGpus);
    }

    [Fact]
    public void An_empty_os_or_email_counts_as_absent()
    {
        Assert.Null(SpecXml.ReadJob("<os/>").Os);
        Assert.Null(JobSpecReader.Read(SpecXml.Job("").Replace("<job", "<email></email><job", StringComparison.Ordinal)).Email);
    }

    [Fact]
    public void All_env_outputs_and_depends_are_read_and_later_variables_win()
    {
        var job = SpecXml.ReadJob("""<env><key name="A">1</key><key name="B">2</key></env><env><key name="A">3</key></env><env/>""");
        Assert.Equal([new EnvironmentVariable("A", "3"), new("B", "2")], job.Environment);

        var layer = SpecXml.ReadLayer("""<outputs><output name="a">/x</output></outputs><outputs><output name="b">/y</output><output name="c">/x</output><output name="d"/></outputs>""");
        Assert.Equal(["/x", "/y"], layer.Outputs);

        const string Depend = """<depend type="JOB_ON_JOB"><depjob>one</depjob><onjob>two</onjob></depend>""";
        Assert.Equal(3, JobSpecReader.Read(SpecXml.Spec($"<depends>{Depend}</depends><depends/><depends>{Depend}{Depend}</depends>")).Depends.Count);
    }

    [Fact]
    public void Services_and_limits_are_kept_once_in_their_order_without_empty_ones()
    {
        var layer = SpecXml.ReadLayer(
            "<services><service>nuke</service><service/><service> maya </service><service>nuke</service></services><limits><limit>b</limit><limit>a</limit><limit>b</limit></limits>");
        Assert.Equal(["nuke", "maya"], layer.Services);
        Assert.Equal(["b", "a"], layer.Limits);
    }

    [Fact]
    public void Children_may_stand_in_any_order()
    {
        var document = JobSpecReader.Read(
            $"<spec><depends/><job name=\"test\"><layers><layer name=\"render\" type=\"Render\"><chunk>2</chunk><services><service>nuke</service></services><limits><limit>nuke</limit></limits><range>1-4</range><cmd>x</cmd></layer></layers><paused>1</paused></job><user>me_</user><shot>sh1</shot><show>big</show></spec>");
        Assert.Equal("big-sh1-me_test", document.FullJobName(document.Jobs[0].Name));
        Assert.Equal(["nuke"], document.Jobs[0].Layers[0].Limits);
    }

    [Theory]
    [InlineData("Render", LayerType.Render)]
    [InlineData("RENDER", LayerType.Render)]
    [InlineData("util", LayerType.Util)]
    [InlineData("Post", LayerType.Post)]
    [InlineData("PRE", LayerType.Pre)]
    public void The_type_of_a_layer_is_read_in_any_case(string text, LayerType type) =>
        Assert.Equal(type, SpecXml.ReadLayer("", text).Type);

    [Fact]
    public void Every_type_of_depend_is_read_in_any_case()
    {
        foreach (var type in Enum.GetValues<DependType>())
        {
            const string All = "<depjob>a</depjob><deplayer>lay</deplayer><depframe>0001-lay</depframe><onjob>b</onjob><onlayer>lay</onlayer><onframe>0002-lay</onframe>";
            var depend = Assert.Single(JobSpecReader.Read(SpecXml.Depend(All, DependTypes.NameOf(type))).Depends);
            Assert.Equal(type, depend.Type);
            Assert.Equal(depend, Assert.Single(JobSpecReader.Read(SpecXml.Depend(All, DependTypes.NameOf(type).ToLowerInvariant())).Depends));
        }
    }

    [Theory]
    [InlineData("0001-render", 1, "render")]
    [InlineData("12-render", 12, "render")]
    [InlineData("1234567-render", 1_234_567, "render")]
    [InlineData("-005-render", -5, "render")]
    [InlineData("0001-a-b.c", 1, "a_b.c")]
    public void A_depend_may_name_any_frame_that_a_layer_can_have(string text, int number, string layer)
    {
        var xml = SpecXml.Depend($"<depjob>a</depjob><deplayer>lay</deplayer><onjob>b</onjob><onframe>{text}</onframe>", "LAYER_ON_SIM_FRAME");
        Assert.Equal(new FrameName(number, layer), Assert.Single(JobSpecReader.Read(xml).Depends).OnFrame);
    }

    [Fact]
    public void Commands_and_variables_may_have_several_lines_and_any_text()
    {
        var layer = SpecXml.ReadLayer("""<env><key name="TEXT"><![CDATA[ a <b> & "c" ]]></key><key name="LINES">one&#10;two</key></env>""");
        Assert.Equal([new EnvironmentVariable("TEXT", "a <b> & \"c\""), new("LINES", "one\ntwo")], layer.Environment);

        var xml = SpecXml.JobOfLayers(SpecXml.Layer("").Replace("true", "\n  set -e # \u00e9\u4e16\U0001F3AC <!-- no part of it -->\n  run\n", StringComparison.Ordinal));
        Assert.Equal("set -e # \u00e9\u4e16\U0001F3AC \n  run", JobSpecReader.Read(xml).Jobs[0].Layers[0].Command);
    }

    [Fact]
    public void A_specification_may_hold_only_depends() =>
        Assert.Empty(JobSpecReader.Read(SpecXml.Depend("<depjob>a</depjob><onjob>b</onjob>", "JOB_ON_JOB")).Jobs);

    [Fact]
    public void The_department_is_ignored_with_a_warning()
    {
        var document = JobSpecReader.Read(SpecXml.Job("").Replace("<job", "<dept>fx</dept><job", StringComparison.Ordinal));
        Assert.StartsWith("dept is ignored", Assert.Single(document.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Interleaved_chunks_under_pyoutline_are_warned_of()
    {
        var xml = SpecXml.JobOfLayers(
            "<layer name=\"render\" type=\"Render\"><cmd>/bin/pycuerun x.outline -e #IFRAME#-render</cmd><range>1-10:4</range><chunk>2</chunk></layer>");
        Assert.Contains("left out or rendered twice", Assert.Single(JobSpecReader.Read(xml).Warnings), StringComparison.Ordinal);
        Assert.Empty(JobSpecReader.Read(xml.Replace("<chunk>2", "<chunk>1", StringComparison.Ordinal)).Warnings);
        Assert.Empty(JobSpecReader.Read(xml.Replace("pycuerun", "render", StringComparison.Ordinal)).Warnings);
    }

    [Fact]
    public void The_range_is_kept_as_it_was_sent()
    {
        var xml = SpecXml.JobOfLayers(SpecXml.Layer("").Replace("1-10", " 1,2,3,4,5 ", StringComparison.Ordinal));
        Assert.Equal("1,2,3,4,5", JobSpecReader.Read(xml).Jobs[0].Layers[0].Range.Text);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("iso-8859-1")]
    public void A_stream_is_read_in_the_encoding_it_declares(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        var xml = $"<?xml version=\"1.0\" encoding=\"{name}\"?>" + SpecXml.Job("<os>caf\u00e9</os>");
        using var stream = new MemoryStream([.. encoding.GetPreamble(), .. encoding.GetBytes(xml)]);

        Assert.Equal("caf\u00e9", JobSpecReader.Read(stream).Jobs[0].Os);
    }

    [Fact]
    public void A_byte_order_mark_and_any_declared_encoding_do_not_matter_in_a_text() =>
        Assert.Single(JobSpecReader.Read("\uFEFF<?xml version=\"1.0\" encoding=\"utf-16\"?>" + SpecXml.Job("")).Jobs);

    [Fact]
    public void Hundreds_of_warnings_are_cut_short()
    {
        var layers = Enumerable.Range(0, 500).Select(i => SpecXml.Layer("<memory>1m</memory>", $"layer{i}"));
        var warnings = JobSpecReader.Read(SpecXml.JobOfLayers([.. layers])).Warnings;
        Assert.Equal(201, warnings.Count);
        Assert.Equal("and 300 more warnings", warnings[^1]);
    }

    [Fact]
    public void The_example_in_the_documentation_is_a_specification()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "job-spec.md"));
        var start = text.IndexOf("<?xml", StringComparison.Ordinal);
        var document = JobSpecReader.Read(text[start..text.IndexOf("```", start, StringComparison.Ordinal)]);

        var job = Assert.Single(document.Jobs);
        Assert.Equal("testing-sh010-anna_beauty", document.FullJobName(job.Name));
        Assert.Equal([20, 1], job.Layers.Select(layer => layer.Chunks().Count));
        Assert.Empty(document.Warnings);
    }
}
