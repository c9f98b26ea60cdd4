using System.Net;
using System.Net.Sockets;
using System.Text;
using OpenCue.Specs.Launch;

namespace OpenCue.Specs.Tests.Launch;

public sealed class HostileSpecTests
{
    [Fact]
    public void Entities_are_refused_before_they_are_expanded()
    {
        var bomb = new StringBuilder("<!DOCTYPE spec [<!ENTITY a0 \"ha\">");
        for (var i = 1; i < 40; i++)
        {
            bomb.Append($"<!ENTITY a{i} \"&a{i - 1};&a{i - 1};\">");
        }

        var xml = bomb.Append("]>").Append(SpecXml.Job("<os>&a39;</os>")).ToString();

        Assert.StartsWith("the document type declares entities or other things of its own", SpecXml.Refusal(xml), StringComparison.Ordinal);
    }

    [Fact]
    public void Parameter_entities_expand_to_no_bomb_either()
    {
        var bomb = new StringBuilder("<!DOCTYPE spec [<!ENTITY % p0 \"<!ENTITY x 'hahahaha'>\">");
        for (var i = 1; i < 40; i++)
        {
            bomb.Append($"<!ENTITY % p{i} '&#37;p{i - 1};&#37;p{i - 1};'>");
        }

        var xml = bomb.Append("%p39;]>").Append(SpecXml.Job("")).ToString();
        var before = GC.GetAllocatedBytesForCurrentThread();

        SpecXml.Refusal(xml);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Theory]
    [InlineData("<!ENTITY x SYSTEM \"file:///etc/passwd\">")]
    [InlineData("<!ENTITY x \"text\">")]
    [InlineData("<!ELEMENT spec ANY>")]
    [InlineData("<!ATTLIST job name CDATA \"default\">")]
    [InlineData("<!-- a comment -->")]
    public void A_specification_may_declare_nothing(string declaration) => Assert.StartsWith(
        "the document type declares entities or other things of its own; a job specification may not, write the texts out (element DOCTYPE, line 1, column 1)",
        SpecXml.Refusal($"<!DOCTYPE spec SYSTEM \"cjsl-1.15.dtd\" [{declaration}]>{SpecXml.Job("")}"),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("<!DOCTYPE spec SYSTEM \"{0}cjsl-1.15.dtd\">")]
    [InlineData("<!DOCTYPE spec PUBLIC \"x\" \"{0}cjsl-1.15.dtd\">")]
    [InlineData("<!DOCTYPE spec SYSTEM \"{0}evil.dtd\">")]
    [InlineData("<!DOCTYPE spec [<!ENTITY % x SYSTEM \"{0}evil.dtd\"> %x;]>")]
    [InlineData("<!DOCTYPE spec [<!ENTITY x SYSTEM \"{0}secret\">]>")]
    [InlineData("<?xml-stylesheet href=\"{0}style\"?>")]
    public void Nothing_outside_the_text_is_ever_visited(string prolog)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";

        Read(string.Format(prolog, address) + SpecXml.Job(""));
        Read(string.Format(prolog, address) + SpecXml.Job("<os>&x;</os>"));

        Assert.False(listener.Pending());
    }

    [Fact]
    public void Unknown_entities_are_refused() => Assert.StartsWith(
        "Failed to parse job spec XML, Reference to undeclared entity 'nbsp'. Line 1,", SpecXml.Refusal(SpecXml.Job("<os>a&nbsp;b</os>")), StringComparison.Ordinal);

    [Theory]
    [InlineData("a")]
    [InlineData("job")]
    [InlineData("spec")]
    public void Deep_nesting_ends_at_the_first_element_out_of_place(string name)
    {
        var open = string.Concat(Enumerable.Repeat($"<{name}>", 200_000));
        Assert.Equal(1, Refused($"<spec>{open}").Line);
        Assert.Equal(1, Refused($"<spec><show>{open}").Line);
    }

    // The XML parser takes minutes for a tag with millions of attributes.
    [Theory]
    [InlineData("<spec{0}/>")]
    [InlineData("<spec><!-- ' --><job{0}></job></spec>")]
    [InlineData("<!-- < --><!DOCTYPE spec><spec{0}>")]
    [InlineData("<?x <![CDATA[ ?><spec{0}>")]
    [InlineData("<spec><show><![CDATA[ <!-- ]]></show><job{0}></spec>")]
    public void A_flood_of_attributes_is_refused_before_it_is_parsed(string around)
    {
        var flood = string.Concat(Enumerable.Range(0, 300_000).Select(i => $" a{i}='>'"));
        Assert.StartsWith("a tag is longer than 16384 characters (element '<", SpecXml.Refusal(string.Format(around, flood)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_may_hold_long_texts_that_look_like_tags()
    {
        var text = $"<a {string.Concat(Enumerable.Repeat("b='c' ", 10_000))}";
        var xml = SpecXml.JobOfLayers(SpecXml.Layer("").Replace("true", $"<![CDATA[{text}]]>", StringComparison.Ordinal));
        Assert.Equal(text.TrimEnd(), JobSpecReader.Read(xml).Jobs[0].Layers[0].Command);
    }

    [Fact]
    public void Too_many_depends_are_refused()
    {
        const string Depend = "<depend type=\"JOB_ON_JOB\"><depjob>one</depjob><onjob>two</onjob></depend>";
        var options = new JobSpecOptions { MaxDepends = 2 };
        Assert.Equal(2, JobSpecReader.Read(SpecXml.Spec($"<depends>{Depend}{Depend}</depends>"), options).Depends.Count);
        Assert.StartsWith(
            "the specification has more than 2 depends", SpecXml.Refusal(SpecXml.Spec($"<depends>{Depend}{Depend}{Depend}</depends>"), options), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_longer_than_allowed_is_refused()
    {
        var options = new JobSpecOptions { MaxLength = 1000 };
        Assert.Equal(
            "the job specification is longer than 1000 characters; split it into several submissions",
            SpecXml.Refusal($"<spec>{new string(' ', 995)}", options));
        Assert.Single(JobSpecReader.Read(SpecXml.Job(""), options).Jobs);
    }

    [Fact]
    public void A_stream_without_end_is_left_at_the_limit()
    {
        using var stream = new EndlessStream();

        var refusal = Assert.Throws<JobSpecException>(() => JobSpecReader.Read(stream));

        Assert.StartsWith("the job specification is longer than 33554432 characters", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(stream.BytesRead, 33_554_432, 34_000_000);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\uFEFF")]
    [InlineData("name: test")]
    [InlineData("<spec>")]
    [InlineData("<spec/><spec/>")]
    [InlineData("<?xml version=\"1.1\"?><spec/>")]
    [InlineData("\n<?xml version=\"1.0\"?><spec/>")]
    [InlineData("<spec>\uFFFF</spec>")]
    [InlineData("<a:spec/>")]
    public void What_is_no_XML_is_refused(string xml) =>
        Assert.Contains(
            xml == "<spec/><spec/>" ? "the element show is missing" : "Failed to parse job spec XML, ", SpecXml.Refusal(xml), StringComparison.Ordinal);

    [Fact]
    public void Half_a_character_is_refused() =>
        Assert.StartsWith("Failed to parse job spec XML, ", SpecXml.Refusal(SpecXml.Job("<os>a\uD800b</os>")), StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        foreach (var bytes in new byte[][] { [0xFF, 0xFE, 0x00], [0x3C, 0x73, 0xC3, 0x28, 0x3E], [0x00, 0x00, 0xFE, 0xFF, 0x00], [0x1F, 0x8B, 0x08] })
        {
            using var stream = new MemoryStream(bytes);
            var refusal = Assert.Throws<JobSpecException>(() => JobSpecReader.Read(stream));
            Assert.Contains("is no text in the encoding", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_unknown_encoding_is_refused()
    {
        using var stream = new MemoryStream(Encoding.ASCII.GetBytes("<?xml version=\"1.0\" encoding=\"klingon\"?><spec/>"));
        var refusal = Assert.Throws<JobSpecException>(() => JobSpecReader.Read(stream));
        Assert.Equal("the encoding 'klingon' of the job specification is not known; send it as utf-8", refusal.Message);
    }

    private static JobSpecException Refused(string xml) => Assert.Throws<JobSpecException>(() => JobSpecReader.Read(xml));

    private static void Read(string xml)
    {
        try
        {
            JobSpecReader.Read(xml);
        }
        catch (JobSpecException)
        {
            // Refused or not, what counts is where it looked.
        }
    }

    private sealed class EndlessStream : Stream
    {
        public long BytesRead { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => BytesRead; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)' ');
            BytesRead += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
