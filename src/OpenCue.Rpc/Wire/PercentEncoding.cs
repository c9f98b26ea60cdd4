using System.Buffers;
using System.Text;

namespace OpenCue.Rpc.Wire;

/// <summary>How a status detail travels in the <c>grpc-message</c> header: UTF-8, with everything but printable ASCII as %XX.</summary>
internal static class PercentEncoding
{
    /// <summary>Clients bound the size of a header block, 8 KiB at the least; a longer detail would cost them the whole status.</summary>
    public const int MaxEncodedLength = 4096;

    private const string CutMark = "...";

    private static readonly SearchValues<char> Unescaped = SearchValues.Create(
        string.Concat(Enumerable.Range(0x20, 0x7f - 0x20).Select(c => (char)c).Where(c => c != '%')));

    /// <summary>Encodes a text; one that would get too long is cut and ends with three dots.</summary>
    public static string Encode(string text)
    {
        if (text.Length <= MaxEncodedLength && !text.AsSpan().ContainsAnyExcept(Unescaped))
        {
            return text;
        }

        var encoded = new StringBuilder(Math.Min(text.Length * 2, MaxEncodedLength));
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var asIs = rune.IsAscii && Unescaped.Contains((char)rune.Value);
            var count = rune.EncodeToUtf8(bytes);
            if (encoded.Length + (asIs ? 1 : 3 * count) > MaxEncodedLength - CutMark.Length)
            {
                return encoded.Append(CutMark).ToString();
            }

            if (asIs)
            {
                encoded.Append((char)rune.Value);
                continue;
            }

            foreach (var b in bytes[..count])
            {
                encoded.Append('%').Append(HexDigit(b >> 4)).Append(HexDigit(b & 15));
            }
        }

        return encoded.ToString();
    }

    /// <summary>Decodes a text; what is no valid escape stays as it stands, as gRPC wants it.</summary>
    public static string Decode(string encoded)
    {
        if (!encoded.Contains('%'))
        {
            return encoded;
        }

        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(encoded.Length)];
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] == '%'
                && i + 2 < encoded.Length
                && char.IsAsciiHexDigit(encoded[i + 1])
                && char.IsAsciiHexDigit(encoded[i + 2]))
            {
                bytes[length++] = (byte)((HexValue(encoded[i + 1]) << 4) | HexValue(encoded[i + 2]));
                i += 2;
            }
            else
            {
                length += Encoding.UTF8.GetBytes(encoded.AsSpan(i, 1), bytes.AsSpan(length));
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private static char HexDigit(int value) => (char)(value < 10 ? '0' + value : 'A' + value - 10);

    private static int HexValue(char digit) =>
        digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
