using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OpenCue.Rqd.Journal;

/// <summary>One entry is one line: the first eight hex digits of the SHA-256 of the JSON, a blank, the JSON. A person can read it.</summary>
internal static class JournalFormat
{
    private const int ChecksumLength = 8;

    public static byte[] Encode(IEnumerable<JournalEntry> entries)
    {
        using var bytes = new MemoryStream();
        foreach (var entry in entries)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry);
            bytes.Write(Checksum(json));
            bytes.WriteByte((byte)' ');
            bytes.Write(json);
            bytes.WriteByte((byte)'\n');
        }
        return bytes.ToArray();
    }

    /// <summary>Reads all that is whole. What is not is only to be expected at the end, where a crash cut off the last write.</summary>
    /// <param name="damagedLines">Lines that are not whole although whole ones follow: something else than a crash did that.</param>
    public static IReadOnlyList<JournalEntry> Decode(ReadOnlySpan<byte> bytes, out int damagedLines)
    {
        var entries = new List<JournalEntry>();
        var suspect = 0;
        damagedLines = 0;
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var line = end < 0 ? bytes : bytes[..end];
            bytes = end < 0 ? [] : bytes[(end + 1)..];
            if (end >= 0 && DecodeLine(line) is { } entry)
            {
                entries.Add(entry);
                damagedLines += suspect;
                suspect = 0;
            }
            else
            {
                suspect++;
            }
        }
        return entries;
    }

    private static JournalEntry? DecodeLine(ReadOnlySpan<byte> line)
    {
        if (line.Length <= ChecksumLength || line[ChecksumLength] != (byte)' ')
        {
            return null;
        }

        var json = line[(ChecksumLength + 1)..];
        return Checksum(json).AsSpan().SequenceEqual(line[..ChecksumLength])
            ? JsonSerializer.Deserialize(json, JournalJson.Default.JournalEntry)
            : null;
    }

    private static byte[] Checksum(ReadOnlySpan<byte> json) =>
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(json))[..ChecksumLength]);
}
