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
    // Entities can't be declared, so none is ever expanded; this bounds what the XML parser does before it says so.
    private const int MaxCharactersFromEntities = 1024;

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
            throw TooLong(options);
        }

        // Editors on Windows leave a byte order mark, which the XML parser takes for text.
        using var text = new StringReader(xml.StartsWith('\uFEFF') ? xml[1..] : xml);
        using var reader = XmlReader.Create(text, Settings());
        return Read(reader, options);
    }

    /// <summary>Reads a specification from a stream, which stays open.</summary>
    /// <param name="stream">The XML, in the encoding that it declares.</param>
    /// <param name="options">The bounds; null for OpenCue's.</param>
    /// <exception cref="JobSpecException">The text cannot be accepted.</exception>
    public static JobSpecDocument Read(Stream stream, JobSpecOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= JobSpecOptions.Default;
        using var bytes = ReadBounded(stream, options);
        using var reader = XmlReader.Create(bytes, Settings());
        return Read(reader, options);
    }

    private static JobSpecDocument Read(XmlReader reader, JobSpecOptions options)
    {
        try
        {
            return new DocumentReader(new SpecCursor(reader), options).Read();
        }
        catch (XmlException e)
        {
            throw JobSpecException.Malformed(e);
        }
    }

    private static XmlReaderSettings Settings() => new()
    {
        DtdProcessing = DtdProcessing.Parse, // The only mode that shows the document type, which carries the version.
        XmlResolver = null,
        MaxCharactersFromEntities = MaxCharactersFromEntities,
        CheckCharacters = true,
        ValidationType = ValidationType.None,
    };

    private static MemoryStream ReadBounded(Stream stream, JobSpecOptions options)
    {
        var bytes = new MemoryStream();
        var buffer = new byte[81_920];
        while (stream.Read(buffer) is var read and > 0)
        {
            if (bytes.Length + read > options.MaxLength)
            {
                throw TooLong(options);
            }

            bytes.Write(buffer, 0, read);
        }

        bytes.Position = 0;
        return bytes;
    }

    private static JobSpecException TooLong(JobSpecOptions options) => new(
        $"the job specification is longer than {options.MaxLength} characters; split it into several submissions");
}
