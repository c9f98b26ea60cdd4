namespace OpenCue.Storage.Tables;

/// <summary>
/// What a text column can hold: any Unicode text without NUL. The edge of the server refuses the rest; if something gets through all the same,
/// neither database may keep a mutilated copy of it.
/// </summary>
internal static class StorableText
{
    /// <summary>The same text; throws <see cref="UnstorableTextException"/> if a database would not give it back unchanged.</summary>
    public static string Check(string text)
    {
        if (text.Contains('\0'))
        {
            throw new UnstorableTextException("it contains a NUL character");
        }

        var rest = text.AsSpan();
        while (rest.IndexOfAnyInRange('\uD800', '\uDFFF') is var at and >= 0)
        {
            if (at + 1 >= rest.Length || !char.IsSurrogatePair(rest[at], rest[at + 1]))
            {
                throw new UnstorableTextException($"it contains half a surrogate pair (U+{(int)rest[at]:X4})");
            }

            rest = rest[(at + 2)..];
        }

        return text;
    }
}

/// <summary>A text that can't be stored unchanged. Never leaves the store: it becomes a <see cref="StoreDataException"/> that names the row.</summary>
internal sealed class UnstorableTextException(string message) : Exception(message);
