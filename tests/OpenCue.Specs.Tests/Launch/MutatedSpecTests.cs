using System.Text;
using FsCheck.Fluent;
using OpenCue.Specs.Launch;

namespace OpenCue.Specs.Tests.Launch;

public sealed class MutatedSpecTests
{
    private static readonly string[] Snippets =
    [
        "<", ">", "/>", "</", "&", "&amp;", "&#0;", "&#10;", "\"", "'", "]]>", "<![CDATA[", "<!--", "-->", "<?x", "?>", "<!DOCTYPE spec [", "\0",
        "\uD800", "-", "999999999999", "1-2000000000", "-1", "0", ",", ":", "xml:", "<layer>", "<job name=\"a\">", "</layers>", "<env/>", "\u00e9",
        "<memory>1g</memory>", " type=\"Post\"", "%p;",
    ];

    [Fact]
    public void Damaged_specifications_are_read_or_refused_but_never_break_the_reader() => Properties.Holds(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed =>
        {
            var xml = Damage(new Random(seed), SpecXml.Whole);
            JobSpecDocument document;
            try
            {
                document = JobSpecReader.Read(xml);
            }
            catch (JobSpecException e)
            {
                Assert.NotEmpty(e.Reason);
                Assert.True(e.Line > 0, e.Message);
                return;
            }

            var again = JobSpecReader.Read(JobSpecWriter.Write(document));
            Assert.Equal(document with { Warnings = [] }, again with { Warnings = [] });
        },
        cases: 20_000);

    [Fact]
    public void Damaged_bytes_are_read_or_refused_too() => Properties.Holds(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed =>
        {
            var random = new Random(seed);
            var bytes = Encoding.UTF8.GetBytes(SpecXml.Whole);
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            using var stream = new MemoryStream(bytes, 0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length));
            try
            {
                JobSpecReader.Read(stream);
            }
            catch (JobSpecException e)
            {
                Assert.NotEmpty(e.Reason);
            }
        },
        cases: 5_000);

    private static string Damage(Random random, string xml)
    {
        var damaged = new StringBuilder(xml);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(damaged.Length);
            var length = Math.Min(random.Next(1, 60), damaged.Length - at);
            switch (random.Next(5))
            {
                case 0:
                    damaged.Remove(at, Math.Min(length, damaged.Length - 1));
                    break;
                case 1:
                    damaged.Insert(random.Next(damaged.Length), damaged.ToString(at, length));
                    break;
                case 2:
                    damaged.Insert(at, Snippets[random.Next(Snippets.Length)]);
                    break;
                case 3:
                    damaged[at] = (char)random.Next(random.Next(2) == 0 ? 128 : 65536);
                    break;
                default:
                    ReplaceText(random, damaged, at);
                    break;
            }
        }

        return damaged.ToString();
    }

    /// <summary>Puts a snippet in place of the text of the next element, so that values are hit more often than tags.</summary>
    private static void ReplaceText(Random random, StringBuilder xml, int at)
    {
        var text = xml.ToString();
        var start = text.IndexOf('>', at) + 1;
        var end = text.IndexOf('<', start);
        if (start > 0 && end > start)
        {
            xml.Remove(start, end - start).Insert(start, Snippets[random.Next(Snippets.Length)]);
        }
    }
}
