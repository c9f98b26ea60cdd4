namespace OpenCue.Rqd.Hosting;

/// <summary>A config file as OpenCue writes them: sections in brackets, <c>key = value</c> or a key alone, comments behind # or ;.</summary>
internal static class IniFile
{
    /// <exception cref="StartException">It cannot be read, or a line is none of these.</exception>
    public static IReadOnlyList<IniEntry> Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The config file {path} cannot be read: {error.Message}", error);
        }

        var entries = new List<IniEntry>();
        var section = "";
        for (var index = 0; index < lines.Length; index++)
        {
            var line = lines[index].Trim();
            if (line.Length == 0 || line[0] is '#' or ';')
            {
                continue;
            }

            if (line[0] == '[')
            {
                section = line[^1] == ']' ? line[1..^1].Trim() : throw new StartException($"{path}, line {index + 1}: the section has no closing bracket");
                continue;
            }
            var separator = line.AsSpan().IndexOfAny('=', ':');
            var key = (separator < 0 ? line : line[..separator]).Trim();
            if (key.Length == 0)
            {
                throw new StartException($"{path}, line {index + 1}: there is no key before '{line[separator]}'");
            }

            entries.Add(new IniEntry(section, key, separator < 0 ? null : line[(separator + 1)..].Trim(), index + 1));
        }
        return entries;
    }
}

/// <summary>One line of a config file.</summary>
/// <param name="Value">Null if the key stands alone.</param>
internal sealed record IniEntry(string Section, string Key, string? Value, int Line);
