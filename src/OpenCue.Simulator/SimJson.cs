using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenCue.Simulator;

/// <summary>How the simulator's files are read and written.</summary>
internal static class SimJson
{
    /// <summary>Options for all files. Unknown fields are mistakes: a misspelt one would be ignored silently.</summary>
    public static JsonSerializerOptions Options { get; } = Make(indented: true);

    /// <summary>The same on few lines.</summary>
    public static JsonSerializerOptions Compact { get; } = Make(indented: false);

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="SimException">It can't be read; says where and why.</exception>
    public static T Read<T>(string text, string file)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, Options) ?? throw new SimException($"{file} is empty: expected a JSON object.");
        }
        catch (JsonException e)
        {
            throw new SimException(Describe(e, file));
        }
    }

    /// <summary>What is wrong with a file, with line and field.</summary>
    public static string Describe(JsonException e, string file)
    {
        var text = new StringBuilder(file);
        if (e.LineNumber is { } line)
        {
            text.Append(CultureInfo.InvariantCulture, $" line {line + 1}");
        }

        if (e.Path is { Length: > 0 } path && path != "$")
        {
            text.Append(CultureInfo.InvariantCulture, $", field {path}");
        }

        // The rest of the message repeats line and path.
        var message = e.Message;
        var end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        message = (end > 0 ? message[..end] : message)
            .Replace("OpenCue.Simulator.", "", StringComparison.Ordinal)
            .Replace("JSON deserialization for type", "the", StringComparison.Ordinal)
            .Replace("was missing required properties including:", "lacks", StringComparison.Ordinal)
            .Replace("could not be mapped to any .NET member contained in type", "is no field of", StringComparison.Ordinal);
        return text.Append(": ").Append(message.TrimEnd()).ToString();
    }

    private static JsonSerializerOptions Make(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        RespectNullableAnnotations = true,
        WriteIndented = indented,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NewLine = "\n",
    };
}
