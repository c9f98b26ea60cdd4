using System.Text.Json;

namespace OpenCue.Cuebot.Hosting.Options;

/// <summary>
/// The configuration file: one JSON object. Names may be written with their dots, or as objects in objects
/// (<c>"dispatcher": { "turn_off_booking": true }</c>). Comments and trailing commas are allowed.
/// </summary>
internal static class ConfigFile
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Puts what the file says into the settings, and what is wrong with it among the problems.</summary>
    public static void Read(string path, Settings settings)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path), Lenient);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                settings.Problems.Add($"{path}: the file holds no JSON object; write {{ \"port\": 8443, ... }}.");
                return;
            }

            ReadObject(document.RootElement, "", path, settings);
        }
        catch (JsonException e)
        {
            settings.Problems.Add($"{path}, line {(e.LineNumber ?? 0) + 1}: this is no JSON: {FirstSentence(e.Message)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            settings.Problems.Add($"The configuration file {path} can't be read: {e.Message}");
        }
    }

    private static void ReadObject(JsonElement element, string prefix, string path, Settings settings)
    {
        foreach (var property in element.EnumerateObject())
        {
            var key = prefix + property.Name;
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    ReadObject(property.Value, key + ".", path, settings);
                    break;
                case JsonValueKind.Array:
                    Put(key, string.Join(',', property.Value.EnumerateArray().Select(Text)), path, settings);
                    break;
                case JsonValueKind.Null:
                    break;
                default:
                    Put(key, Text(property.Value), path, settings);
                    break;
            }
        }
    }

    private static void Put(string key, string value, string path, Settings settings)
    {
        if (IsKnown(key))
        {
            settings.Put(key, value, $"{key} in {path}");
        }
        else
        {
            settings.Problems.Add($"{path}: there is no setting \"{key}\"{(Nearest(key) is { } near ? $"; is it \"{near}\"?" : ".")}");
        }
    }

    private static bool IsKnown(string key) =>
        Keys().Contains(key, StringComparer.Ordinal) || key.StartsWith(FarmSettingTable.LogRootPrefix, StringComparison.Ordinal);

    private static IEnumerable<string> Keys() =>
        OptionTable.All.Select(option => option.Key).Where(key => key != OptionTable.Config).Concat(FarmSettingTable.All.Select(setting => setting.Key));

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    /// <summary>A known key that differs in no more than a third of its letters.</summary>
    private static string? Nearest(string key)
    {
        var (near, distance) = Keys().Select(known => (known, Distance(known, key))).MinBy(pair => pair.Item2);
        return distance <= Math.Max(2, key.Length / 3) ? near : null;
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var next = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                (diagonal, row[j]) = (row[j], next);
            }
        }

        return row[b.Length];
    }

    private static string FirstSentence(string message) => message.Split(". ")[0].TrimEnd('.') + ".";
}
