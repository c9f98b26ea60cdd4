namespace OpenCue.Specs.Launch.Reading;

/// <summary>
/// Looks through the text before the XML parser gets it, for the two things that the parser handles badly: the document type, which it
/// can only parse with all that may be declared in it, and tags with very many attributes, for which its time grows with their square.
/// </summary>
internal static class SpecScan
{
    // The longest tags of real specifications have some hundred characters.
    private const int LongestTag = 16 * 1024;

    private const string DocumentType = "<!DOCTYPE";

    /// <summary>Checks a text; what is no well-formed XML is left to the parser.</summary>
    /// <exception cref="JobSpecException">The document type is not accepted, or a tag is too long.</exception>
    public static void Check(string xml)
    {
        var at = 0;
        while (at < xml.Length && xml.IndexOf('<', at) is var start and >= 0)
        {
            var rest = xml.AsSpan(start);
            if (rest.StartsWith("<!--"))
            {
                at = After(xml, "-->", start + "<!--".Length);
            }
            else if (rest.StartsWith("<![CDATA["))
            {
                at = After(xml, "]]>", start);
            }
            else if (rest.StartsWith("<?"))
            {
                at = After(xml, "?>", start);
            }
            else
            {
                at = EndOfTag(xml, start);
                if (rest.StartsWith(DocumentType))
                {
                    CheckDocumentType(xml, start, at);
                }
            }
        }
    }

    private static int After(string xml, string mark, int from)
    {
        var found = xml.IndexOf(mark, from, StringComparison.Ordinal);
        return found < 0 ? xml.Length : found + mark.Length;
    }

    /// <summary>Where the tag ends; a &gt; inside quotation marks is not its end.</summary>
    private static int EndOfTag(string xml, int start)
    {
        var limit = Math.Min(xml.Length, start + LongestTag);
        char? quote = null;
        for (var at = start; at < limit; at++)
        {
            var c = xml[at];
            if (quote is not null)
            {
                quote = c == quote ? null : quote;
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }
            else if (c == '>')
            {
                return at + 1;
            }
        }

        return limit == xml.Length
            ? limit
            : throw Error(xml, start, Messages.Quote(xml.AsSpan(start, 20)), $"a tag is longer than {LongestTag} characters");
    }

    private static void CheckDocumentType(string xml, int start, int end)
    {
        var literals = new List<string>();
        var text = xml.AsSpan((start + DocumentType.Length)..end);
        var name = text.TrimStart().ToString().Split(' ', '\t', '\r', '\n', '>', '[')[0];
        while (text.IndexOfAny('"', '\'', '[') is var at and >= 0)
        {
            if (text[at] == '[')
            {
                throw Error(
                    xml,
                    start,
                    "DOCTYPE",
                    "the document type declares entities or other things of its own; a job specification may not, write the texts out");
            }

            var literal = text[(at + 1)..];
            var length = literal.IndexOf(text[at]);
            if (length < 0)
            {
                break; // Not closed; the XML parser will say so.
            }

            literals.Add(literal[..length].ToString());
            text = literal[(length + 1)..];
        }

        // Of a public and a system identifier the system identifier is the last.
        SpecVersions.Check(name, literals.LastOrDefault(), reason => Error(xml, start, "DOCTYPE", reason));
    }

    private static JobSpecException Error(string xml, int at, string element, string reason)
    {
        var before = xml.AsSpan(0, at);
        return new JobSpecException(reason, element, before.Count('\n') + 1, at - before.LastIndexOf('\n'));
    }
}
