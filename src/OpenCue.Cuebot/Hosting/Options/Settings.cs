namespace OpenCue.Cuebot.Hosting.Options;

/// <summary>A value as somebody wrote it, and where.</summary>
/// <param name="Value">The value.</param>
/// <param name="Source">Where it was written, for messages: <c>--port</c>, <c>environment variable CUEBOT_PORT</c>, <c>port in cuebot.json</c>.</param>
internal readonly record struct Setting(string Value, string Source);

/// <summary>
/// Everything that was written in the three places, the strongest last to be put in: file, environment, command line. Reading a value notes what
/// is wrong with it, so that all problems are told at once.
/// </summary>
internal sealed class Settings
{
    private readonly Dictionary<string, Setting> _values = new(StringComparer.Ordinal);

    /// <summary>All that is wrong so far, one line each.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>What was written, by key.</summary>
    public IReadOnlyDictionary<string, Setting> Values => _values;

    /// <summary>Puts in a value; it replaces a weaker one.</summary>
    public void Put(string key, string value, string source) => _values[key] = new Setting(value, source);

    /// <summary>The text written for this key, or null.</summary>
    public string? Text(string key) => _values.TryGetValue(key, out var setting) ? setting.Value : null;

    /// <summary>What was written for this key, read by <paramref name="parse"/>; the default if nothing was, or if it can't be read.</summary>
    /// <param name="key">The key.</param>
    /// <param name="byDefault">The default.</param>
    /// <param name="parse">Reads the text, or throws <see cref="FormatException"/> saying what would be right.</param>
    public T Read<T>(string key, T byDefault, Func<string, T> parse)
    {
        if (!_values.TryGetValue(key, out var setting))
        {
            return byDefault;
        }

        try
        {
            return parse(setting.Value);
        }
        catch (FormatException e)
        {
            Problems.Add($"{setting.Source} is \"{setting.Value}\": {e.Message}.");
            return byDefault;
        }
    }
}
