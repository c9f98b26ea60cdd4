using System.Text;
using System.Text.RegularExpressions;

namespace OpenCue.Specs.Launch.Reading;

/// <summary>Turns the bytes of a specification into text: by their byte order mark, else the encoding they declare, else as UTF-8.</summary>
internal static partial class SpecDecoder
{
    private const int LongestDeclaration = 200;

    /// <summary>Reads a stream to its end, but no further than the limit.</summary>
    /// <exception cref="JobSpecException">There are too many bytes, or they are no text.</exception>
    public static string Read(Stream stream, JobSpecOptions options)
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

        return Decode(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    public static JobSpecException TooLong(JobSpecOptions options) => new(
        $"the job specification is longer than {options.MaxLength} characters; split it into several submissions");

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        var encoding = EncodingOf(bytes);
        try
        {
            return encoding.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new JobSpecException($"the job specification is no text in the encoding {encoding.WebName} that it declares", e);
        }
    }

    private static Encoding EncodingOf(ReadOnlySpan<byte> bytes)
    {
        var name = bytes switch
        {
            [0xEF, 0xBB, 0xBF, ..] => "utf-8",
            [0xFF, 0xFE, 0x00, 0x00, ..] => "utf-32",
            [0x00, 0x00, 0xFE, 0xFF, ..] => "utf-32BE",
            [0xFF, 0xFE, ..] => "utf-16",
            [0xFE, 0xFF, ..] => "utf-16BE",
            _ => DeclaredEncoding(bytes) ?? "utf-8",
        };
        try
        {
            return Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (ArgumentException e)
        {
            throw new JobSpecException($"the encoding {Messages.Quote(name)} of the job specification is not known; send it as utf-8", e);
        }
    }

    private static string? DeclaredEncoding(ReadOnlySpan<byte> bytes)
    {
        var start = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, LongestDeclaration)]);
        var declaration = Declaration().Match(start);
        return declaration.Success ? declaration.Groups["name"].Value : null;
    }

    [GeneratedRegex("""^<\?xml[^>]*\sencoding\s*=\s*["'](?<name>[A-Za-z0-9._-]+)["']""", RegexOptions.CultureInvariant)]
    private static partial Regex Declaration();
}
