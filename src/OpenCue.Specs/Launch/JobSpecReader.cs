using System.Xml;
using OpenCue.Specs.Launch.Reading;

namespace OpenCue.Specs.Launch;

/// <summary>Reads OpenCue's launch specification, the XML that submitters send, in all its versions from 1.5 to 1.15.</summary>
/// <remarks>
/// <para>
/// It accepts what OpenCue accepts, and besides: elements in any order, newer elements under an older version, a missing DOCTYPE,
/// types in any case, several <c>env</c>, <c>outputs</c> and <c>depends</c> (of variables of one name the later counts).
/// It refuses what a job could not run with, names the element and its place, and says what is allowed.
/// </para>
/// <para>
/// Nothing outside the text is ever read: the document type only tells the version. Declarations inside the document, and with them
/// entities, are refused. Length, nesting, frames and layers are bounded (<see cref="JobSpecOptions"/>).
/// </para>
/// </remarks>
public static class JobSpecReader
{
    /// <summary>Reads a specification.</summary>
    /// <param name="xml">The XML text.</param>
    /// <param name="options">The bounds; null for OpenCue's.</param>
    /// <exception cref="JobSpecException">The text cannot be accepted.</exception>
    public static JobSpecDocument Read(string xml, JobSpecOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(xml);
        options ??= JobSpecOptions.Default;
        if (xml.Length > options.MaxLength)
        {
            throw SpecDecoder.TooLong(options);
        }

        // Editors on Windows leave a byte order mark, which the XML parser takes for text.
        xml = xml.StartsWith('\uFEFF') ? xml[1..] : xml;
        SpecScan.Check(xml);
        using var text = new StringReader(xml);
        using var reader = XmlReader.Create(text, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
        try
        {
            return new DocumentReader(new SpecCursor(reader), options).Read();
        }
        catch (XmlException e)
        {
            throw JobSpecException.Malformed(e);
        }
    }

    /// <summary>Reads a specification from a stream, which stays open.</summary>
    /// <param name="stream">The XML, in the encoding that it declares.</param>
    /// <param name="options">The bounds; null for OpenCue's.</param>
    /// <exception cref="JobSpecException">The text cannot be accepted.</exception>
    public static JobSpecDocument Read(Stream stream, JobSpecOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= JobSpecOptions.Default;
        return Read(SpecDecoder.Read(stream, options), options);
    }

    /// <summary>Reads the text of a specification from a stream, which stays open, without looking at what it says: for whoever passes it on.</summary>
    /// <param name="stream">The XML, in the encoding that it declares.</param>
    /// <param name="options">The bounds, of which the length counts; null for OpenCue's.</param>
    /// <exception cref="JobSpecException">It is too long, or no text in that encoding.</exception>
    public static string ReadText(Stream stream, JobSpecOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return SpecDecoder.Read(stream, options ?? JobSpecOptions.Default);
    }
}
