using System.Xml.Linq;
using FsCheck.Fluent;
using OpenCue.Specs.Launch;
using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Tests.Launch;

public sealed class JobSpecWriterTests
{
    [Fact]
    public void What_is_written_reads_back_as_the_same_specification() => Properties.Holds(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed =>
        {
            var document = new RandomSpecs(new Random(seed)).Document();
            Assert.Equal(document, JobSpecReader.Read(JobSpecWriter.Write(document)));
        },
        cases: 1000);

    [Fact]
    public void A_small_submission_is_written_like_this()
    {
        var document = new JobSpecDocument
        {
            Show = "testing",
            Shot = "sh010",
            User = "anna",
            Jobs =
            [
                new JobSpec
                {
                    Name = "beauty",
                    Layers = [new LayerSpec { Name = "render", Command = "render -f #IFRAME# > log", Range = FrameSet.Parse("1-100"), ChunkSize = 5, MinCorePoints = 400, MinMemoryKib = 3_355_443 }],
                },
            ],
        };

        Assert.Equal(
            """
            <?xml version="1.0" encoding="utf-8"?>
            <!DOCTYPE spec PUBLIC "SPI Cue  Specification Language" "http://localhost:8080/spcue/dtd/cjsl-1.15.dtd">
            <spec>
              <show>testing</show>
              <shot>sh010</shot>
              <user>anna</user>
              <job name="beauty">
                <paused>False</paused>
                <autoeat>False</autoeat>
                <layers>
                  <layer name="render" type="Render">
                    <cmd>render -f #IFRAME# &gt; log</cmd>
                    <range>1-100</range>
                    <chunk>5</chunk>
                    <cores>4.0</cores>
                    <memory>3276.7998046875m</memory>
                  </layer>
                </layers>
              </job>
            </spec>
            """,
            JobSpecWriter.Write(document));
    }

    // OpenCue's parser validates, so the order of the elements has to be that of its document type.
    [Fact]
    public void Elements_stand_in_the_order_that_OpenCue_demands()
    {
        string[] job = ["paused", "priority", "maxretries", "maxcores", "maxgpus", "autoeat", "localbook", "os", "env", "layers"];
        string[] layer =
        [
            "cmd", "range", "chunk", "cores", "threadable", "memory", "gpus", "gpu_memory", "timeout", "timeout_llu", "tags", "limits", "env",
            "services", "outputs",
        ];
        var spec = XDocument.Parse(JobSpecWriter.Write(JobSpecReader.Read(SpecXml.Whole))).Root!;

        Assert.Equal(["facility", "show", "shot", "user", "email", "uid", "job", "depends"], Children(spec));
        Assert.Equal(job, Children(spec.Element("job")!));
        Assert.Equal(layer, Children(spec.Descendants("layer").First()));
        Assert.Equal(["depjob", "deplayer", "onjob", "onlayer"], Children(spec.Descendants("depend").First()));
        Assert.Equal(["depjob", "depframe", "onjob", "onframe"], Children(spec.Descendants("depend").Last()));

        static IEnumerable<string> Children(XElement element) => element.Elements().Select(child => child.Name.LocalName);
    }

    [Fact]
    public void A_text_that_XML_cannot_carry_is_refused()
    {
        var document = JobSpecReader.Read(SpecXml.Job(""));
        Assert.Throws<ArgumentException>(() => JobSpecWriter.Write(document with { Show = "a\0b" }));
        Assert.Throws<ArgumentException>(() => JobSpecWriter.Write(document with { Show = "a\uD800b" }));
    }
}
