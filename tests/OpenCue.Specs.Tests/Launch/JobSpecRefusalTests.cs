using OpenCue.Specs.Launch;

namespace OpenCue.Specs.Tests.Launch;

public sealed class JobSpecRefusalTests
{
    [Fact]
    public void A_refusal_names_element_line_and_column()
    {
        var refusal = Assert.Throws<JobSpecException>(() => JobSpecReader.Read(SpecXml.Whole.Replace("4gb", "-4gb", StringComparison.Ordinal)));
        Assert.Equal("memory is '-4gb'; memory cannot be negative", refusal.Reason);
        Assert.Equal("memory", refusal.Element);
        Assert.Equal(30, refusal.Line);
        Assert.Equal(10, refusal.Column);
        Assert.Equal("memory is '-4gb'; memory cannot be negative (element memory, line 30, column 10)", refusal.Message);
    }

    [Fact]
    public void A_layer_has_so_many_tags_at_most()
    {
        Refused("general | desktop", string.Join(" | ", Enumerable.Range(0, 10_000).Select(i => $"tag{i}")), "error, a layer may have 128 tags at most, and this");
        Refused("general | desktop", new string('x', 200), $"error, invalid tag '{new string('x', 32)}'..., it has 200 characters, the maximum is 128.");
        var most = string.Join('|', Enumerable.Range(100, 128));
        var document = JobSpecReader.Read(SpecXml.Whole.Replace("general | desktop", most, StringComparison.Ordinal));
        Assert.Contains(document.Jobs.SelectMany(job => job.Layers), layer => layer.Tags is { Count: 128 });
    }

    [Theory]
    [InlineData("<show>testing</show>", "", "the element show is missing in spec (element spec, line 3, column 2)")]
    [InlineData("<shot>Dev-1</shot>", "", "the element shot is missing in spec")]
    [InlineData("<user>testuser</user>", "", "the element user is missing in spec")]
    [InlineData("<cmd>rm -r tmp</cmd>", "", "the element cmd is missing in layer (element layer, line 41, column 8)")]
    [InlineData("<range>1</range>", "", "the element range is missing in layer")]
    [InlineData("<chunk>1</chunk>", "", "the element chunk is missing in layer")]
    [InlineData("<depjob>comp</depjob>", "", "the element depjob is missing in depend")]
    [InlineData("<onjob>other</onjob>", "", "the element onjob is missing in depend")]
    [InlineData(" name=\"Comp-v2\"", "", "the attribute name is missing (element job, line 10, column 4)")]
    [InlineData(" name=\"cleanup\"", "", "the attribute name is missing (element layer, line 41")]
    [InlineData(" type=\"Post\"", "", "the attribute type is missing (element layer, line 41")]
    [InlineData(" host=\"box\"", "", "the attribute host is missing (element localbook, line 17")]
    [InlineData("<key name=\"C\">", "<key>", "the attribute name is missing (element key")]
    public void What_is_needed_must_be_there(string part, string instead, string message) => Refused(part, instead, message);

    [Theory]
    [InlineData("<os>Linux</os>", "<oss>Linux</oss>", "the element 'oss' is not allowed in job; allowed are paused, priority,")]
    [InlineData("<os>Linux</os>", "<layer name=\"a\" type=\"Render\"/>", "the element 'layer' is not allowed in job")]
    [InlineData("<os>Linux</os>", "Linux", "the text 'Linux' stands between the elements of job")]
    [InlineData("<os>Linux</os>", "<os>Lin<b>ux</b></os>", "the element 'b' stands inside os, which holds only text (element b, line 18, column 13)")]
    [InlineData("<os>Linux</os>", "<os version=\"7\">Linux</os>", "the attribute 'version' is not known here (element os")]
    [InlineData("<os>Linux</os>", "<os>Linux</os><os>Linux</os>", "the element os stands in job more than once (element os, line 18, column 20)")]
    [InlineData("<show>testing</show>", "<show>testing</show><show>other</show>", "the element show stands in spec more than once")]
    [InlineData("<spec>", "<spec xmlns=\"urn:x\">", "the attribute 'xmlns' is not known here")]
    [InlineData("<os>Linux</os>", "<os>Linux</oss>", "Failed to parse job spec XML, The 'os' start tag on line 18 position 6 does not match the end tag of 'oss'")]
    public void What_is_not_known_is_refused(string part, string instead, string message) => Refused(part, instead, message);

    [Theory]
    [InlineData("<uid>9860</uid>", "<uid/>", "uid is ''; it must be a whole number (element uid, line 9, column 4)")]
    [InlineData("<uid>9860</uid>", "<uid>me</uid>", "uid is 'me'; it must be a whole number")]
    [InlineData("<uid>9860</uid>", "<uid>-1</uid>", "uid is -1; it must lie between 0 and 2147483647")]
    [InlineData("<uid>9860</uid>", "<uid>0</uid>", "Cannot launch jobs as root.")]
    [InlineData("<user>testuser</user>", "<user>root</user>", "Cannot launch jobs as root.")]
    [InlineData("<user>testuser</user>", "<user> </user>", "the element user is empty")]
    [InlineData("<user>testuser</user>", "<user>a/../../etc</user>", "the user 'a/../../etc' cannot be part of a path")]
    [InlineData("<show>testing</show>", "<show>..</show>", "the show '..' cannot be part of a path")]
    [InlineData("<show>testing</show>", "<show>a&#10;b</show>", "the show 'a\\u000ab' holds a line break or another control character")]
    [InlineData("<show>testing</show>", "<show>a&#x2028;b</show>", "the show 'a\\u2028b' holds a line break or another control character")]
    [InlineData("<show>testing</show>", "<show>a&#0;b</show>", "Failed to parse job spec XML, '.', hexadecimal value 0x00, is an invalid character. Line 5, position")]
    [InlineData("<show>testing</show>", "<show>a\0b</show>", "Failed to parse job spec XML, '.', hexadecimal value 0x00, is an invalid character. Line 5, position")]
    [InlineData("<facility>Local</facility>", "<facility/>", "the element facility is empty")]
    [InlineData("testuser@example.com", "a@b.c&#13;&#10;Bcc: x@y.z", "the email 'a@b.c\\u000d\\u000aBcc: x@y.z' holds a line break")]
    [InlineData("<shot>Dev-1</shot>", "<shot>ab</shot>", "The shot name must be at least 3 characters. (element shot, line 6, column 4)")]
    [InlineData("<shot>Dev-1</shot>", "<shot>a b c</shot>", "The shot name: a b c is not in the proper format.  Shot names must be alpha numeric, no dashes or punctuation.")]
    [InlineData("<priority>50</priority>", "<priority>high</priority>", "priority is 'high'; it must be a whole number")]
    [InlineData("<priority>50</priority>", "<priority>9999999999</priority>", "priority is 9999999999; it must lie between")]
    [InlineData("<maxcores>20</maxcores>", "<maxcores>2.5</maxcores>", "maxcores is '2.5'; it must be a whole number")]
    [InlineData("<maxcores>20</maxcores>", "<maxcores>99999999</maxcores>", "maxcores is 99999999; it must lie between -1 and 21474836")]
    [InlineData("<maxgpus>2</maxgpus>", "<maxgpus>-2</maxgpus>", "maxgpus is -2; it must lie between -1")]
    [InlineData("memory=\"4194304\"", "memory=\"-1\"", "memory is -1; it must lie between 0")]
    [InlineData("threads=\"1\"", "threads=\"two\"", "threads is 'two'; it must be a whole number (element localbook")]
    public void Values_of_the_header_and_the_job_are_checked(string part, string instead, string message) => Refused(part, instead, message);

    [Theory]
    [InlineData("name=\"Comp-v2\"", "name=\"a&#10;b\"", "the attribute name is 'a\\u000ab'; it consists of letters, digits and . - _ : and is not empty (element job")]
    [InlineData("name=\"Comp-v2\"", "name=\"\"", "the attribute name is ''; it consists of")]
    [InlineData("name=\"Comp-v2\"", "name=\"ab\"", "The job name suffix: ab must be composed of alpha numeric characters, periods, and underscores and be at least 3 characters long (element job")]
    [InlineData("name=\"Comp-v2\"", "name=\"a:b:c\"", "The job name suffix: a:b:c must be composed of")]
    [InlineData("name=\"cleanup\"", "name=\"cl\"", "The layer name must be at least 3 characters. (element layer")]
    [InlineData("name=\"cleanup\"", "name=\"cle:an\"", "The layer name: cle:an is not in the proper format.  Layer names must be alpha numeric, no dashes or punctuation.")]
    [InlineData("name=\"cleanup\"", "name=\"render_A\"", "error, the layer render_a was already defined in job testing-dev_1-testuser_comp_v2 (element layer, line 41")]
    [InlineData("type=\"Post\"", "type=\"Sim\"", "the type of the layer is 'Sim'; it is Render, Util, Pre or Post")]
    [InlineData("type=\"Post\"", "type=\"2\"", "the type of the layer is '2'")]
    [InlineData("name=\"C\"", "name=\"A=B\"", "the attribute name is 'A=B'")]
    public void Names_are_checked(string part, string instead, string message) => Refused(part, instead, message);

    [Theory]
    [InlineData("<cmd>rm -r tmp</cmd>", "<cmd/>", "the command is empty")]
    [InlineData("<range>1</range>", "<range>1-</range>", "error, the range 1- is invalid: unrecognized frame range syntax '1-'")]
    [InlineData("<range>1</range>", "<range/>", "error, the range  is invalid: the frame range is empty")]
    [InlineData("<range>1</range>", "<range>10-1x1</range>", "error, the range 10-1x1 is invalid: the frame range '10-1x1' names no frame (element range, line 43")]
    [InlineData("<range>1</range>", "<range>1-1000000000</range>", "error, your job has 1000000003 frames, the maximum number of allowed frames is 100000 (element range, line 43")]
    [InlineData("<range>1</range>", "<range>1-2000000000</range>", "error, your job has 2000000003 frames")]
    [InlineData("<chunk>1</chunk>", "<chunk>0</chunk>", "chunk is 0; it must lie between 1")]
    [InlineData("<chunk>1</chunk>", "<chunk>-5</chunk>", "chunk is -5; it must lie between 1")]
    [InlineData("<cores>2.5</cores>", "<cores/>", "cores is ''; it must be a whole number")]
    [InlineData("<cores>2.5</cores>", "<cores>two</cores>", "cores is 'two'")]
    [InlineData("<cores>2.5</cores>", "<cores>2.5.1</cores>", "cores are '2.5.1'; write for example 2.0 for two cores")]
    [InlineData("<cores>2.5</cores>", "<cores>99999999999.0</cores>", "cores are '99999999999.0'")]
    [InlineData("<memory>4gb</memory>", "<memory/>", "the memory '' cannot be read; write for example 512m, 4g or 2.5g")]
    [InlineData("<memory>4gb</memory>", "<memory>4t</memory>", "the memory '4t' cannot be read")]
    [InlineData("<memory>4gb</memory>", "<memory>-512m</memory>", "memory is '-512m'; memory cannot be negative")]
    [InlineData("<memory>4gb</memory>", "<memory>9999999999999g</memory>", "the memory '9999999999999g' is more than any host has")]
    [InlineData("<gpu_memory>512m</gpu_memory>", "<gpu_memory>-1g</gpu_memory>", "gpu_memory is '-1g'; memory cannot be negative")]
    [InlineData("<gpus>1</gpus>", "<gpus>-1</gpus>", "gpus is -1; it must lie between 0")]
    [InlineData("<timeout>60</timeout>", "<timeout>-1</timeout>", "timeout is -1; it must lie between 0")]
    [InlineData("<timeout_llu>10</timeout_llu>", "<timeout_llu>soon</timeout_llu>", "timeout_llu is 'soon'")]
    [InlineData("general | desktop", "general | a", "error, invalid tag a, tags must be alpha numberic and at least 3 characters in length. (element tags")]
    [InlineData("general | desktop", "general | d&amp;d", "error, invalid tag d&d, tags must be")]
    [InlineData("/out/comp.#.exr", "/out/&#9;x", "the output '/out/\\u0009x' holds a line break or another control character")]
    public void Values_of_layers_are_checked(string part, string instead, string message) => Refused(part, instead, message);

    [Theory]
    [InlineData("type=\"FRAME_ON_FRAME\"", "type=\"FRAME_ON_DISK\"", "the type of the depend is 'FRAME_ON_DISK'; known are JOB_ON_JOB, JOB_ON_LAYER,")]
    [InlineData("<deplayer>Render-A</deplayer>", "", "a depend of type LAYER_ON_LAYER needs the element deplayer (element depend, line 49")]
    [InlineData("<onlayer>Sim-A</onlayer>", "<onlayer/>", "a depend of type LAYER_ON_LAYER needs the element onlayer")]
    [InlineData("<onframe>0001-Sim-A</onframe>", "", "a depend of type FRAME_ON_FRAME needs the element onframe")]
    [InlineData("<onlayer>Sim-A</onlayer>", "<onlayer>Sim A</onlayer>", "The layer name: sim a is not in the proper format.")]
    [InlineData("0001-Sim-A", "Sim-A", "The frame name: Sim-A is not in the proper format. (element onframe, line 59")]
    [InlineData("0001-Sim-A", "99999999999-Sim", "The frame name: 99999999999-Sim is not in the proper format.")]
    [InlineData("<depjob>comp</depjob>", "<depjob/>", "the element depjob is empty")]
    [InlineData("<onjob>other</onjob>\n      <onframe>0001-Sim-A", "<onjob>Comp</onjob>\n      <onframe>5-Render-A", "The frame name: 0005-render_a cannot depend on itself. (element depend, line 55")]
    public void Depends_are_checked(string part, string instead, string message) => Refused(part, instead, message);

    [Fact]
    public void A_frame_may_wait_for_the_frame_of_that_name_in_another_job() => Assert.Equal(
        2, JobSpecReader.Read(SpecXml.Whole.Replace("0001-Sim-A", "0005-render_a", StringComparison.Ordinal)).Depends.Count);

    [Theory]
    [InlineData("", "has no layers")]
    [InlineData("<layers/>", "has no layers")]
    [InlineData("<layers><layer name=\"after\" type=\"Post\"><cmd>x</cmd><range>1</range><chunk>1</chunk></layer></layers>", "has no layers")]
    public void A_job_needs_a_layer_besides_its_post_layers(string layers, string message) => Assert.Equal(
        $"The job testing-default-testuser_test {message} (element job, line 1, column 69)",
        SpecXml.Refusal(SpecXml.Spec($"<job name=\"test\">{layers}</job>")));

    [Fact]
    public void A_specification_of_nothing_is_refused() =>
        Assert.StartsWith("the specification holds neither a job nor a depend", SpecXml.Refusal(SpecXml.Spec("")), StringComparison.Ordinal);

    [Fact]
    public void Two_jobs_of_one_name_are_refused()
    {
        var job = $"<job name=\"test\">{SpecXml.Layers(SpecXml.Layer(""))}</job>";
        Assert.StartsWith(
            "the job testing-default-testuser_test is defined twice in this specification",
            SpecXml.Refusal(SpecXml.Spec(job + job.Replace("\"test\"", "\"testing-default-testuser_TEST\"", StringComparison.Ordinal))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_2001st_layer_is_refused()
    {
        var layers = Enumerable.Range(0, 2000).Select(i => SpecXml.Layer("", $"layer{i}")).ToList();
        layers.Add(SpecXml.Layer("", "after", "Post"));
        Assert.Equal(2001, JobSpecReader.Read(SpecXml.JobOfLayers([.. layers])).Jobs[0].Layers.Count);

        layers.Add(SpecXml.Layer("", "more"));
        Assert.StartsWith(
            "error, your job has 2001 layers,  the maximum number of allowed layers is 2000 (element layer",
            SpecXml.Refusal(SpecXml.JobOfLayers([.. layers])),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_are_counted_as_chunks_over_all_jobs()
    {
        var one = Job("one", "<range>1-120000</range><chunk>2</chunk>");
        Assert.Equal(2, JobSpecReader.Read(SpecXml.Spec(one + Job("two", "<range>1-40000</range><chunk>1</chunk>"))).Jobs.Count);
        Assert.StartsWith(
            "error, your job has 100001 frames, the maximum number of allowed frames is 100000",
            SpecXml.Refusal(SpecXml.Spec(one + Job("two", "<range>1-40001</range><chunk>1</chunk>"))),
            StringComparison.Ordinal);

        static string Job(string name, string rangeAndChunk) =>
            $"<job name=\"{name}\"><layers><layer name=\"render\" type=\"Render\"><cmd>x</cmd>{rangeAndChunk}</layer></layers></job>";
    }

    [Fact]
    public void Large_chunks_do_not_make_endless_ranges_possible() => Assert.StartsWith(
        "the ranges of all layers name more than 1000000 frames, with this one of 2000000000; split the submission (element range",
        SpecXml.Refusal(SpecXml.JobOfLayers(
            "<layer name=\"render\" type=\"Render\"><cmd>x</cmd><range>1-2000000000</range><chunk>1000000</chunk></layer>")),
        StringComparison.Ordinal);

    [Fact]
    public void Names_too_long_for_log_files_are_refused()
    {
        Assert.Single(JobSpecReader.Read(SpecXml.Job("", new string('a', 180))).Jobs);
        Assert.Contains("too long for the names of their log files", SpecXml.Refusal(SpecXml.Job("", new string('a', 220))), StringComparison.Ordinal);
        Assert.Contains(
            "too long for the names of their log files",
            SpecXml.Refusal(SpecXml.JobOfLayers(SpecXml.Layer("", new string('a', 240)))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_that_no_program_could_be_started_with_are_refused()
    {
        Assert.StartsWith(
            "the variable BIG is too long; with its name it may have 131071 bytes (element key",
            SpecXml.Refusal(SpecXml.Job($"<env><key name=\"BIG\">{new string('x', 131_068)}</key></env>")),
            StringComparison.Ordinal);
        Assert.Single(JobSpecReader.Read(SpecXml.Job($"<env><key name=\"BIG\">{new string('x', 131_067)}</key></env>")).Jobs);

        var many = string.Concat(Enumerable.Range(0, 11).Select(i => $"<key name=\"K{i}\">{new string('x', 100_000)}</key>"));
        Assert.StartsWith("the variables have more than 1048576 bytes", SpecXml.Refusal(SpecXml.Job($"<env>{many}</env>")), StringComparison.Ordinal);
    }

    private static void Refused(string part, string instead, string message)
    {
        Assert.Contains(part, SpecXml.Whole, StringComparison.Ordinal);
        var place = SpecXml.Whole.LastIndexOf(part, StringComparison.Ordinal);
        var xml = string.Concat(SpecXml.Whole.AsSpan(0, place), instead, SpecXml.Whole.AsSpan(place + part.Length));
        Assert.StartsWith(message, SpecXml.Refusal(xml), StringComparison.Ordinal);
    }
}
