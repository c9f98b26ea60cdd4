using System.Text.Json;

namespace OpenCue.Simulator.Traces;

/// <summary>A trace as one JSON object. What it is and where comes first, then a job on each line, so that an error's line says which.</summary>
internal static class JsonTrace
{
    /// <summary>Reads it.</summary>
    /// <exception cref="SimException">It is no trace; says where.</exception>
    public static Trace Read(Stream stream, string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Trace>(stream, SimJson.Options) ?? throw new SimException($"{file} is empty: expected a JSON object.");
        }
        catch (JsonException e)
        {
            throw new SimException(SimJson.Describe(e, file));
        }
    }

    /// <summary>Writes it.</summary>
    public static void Write(Trace trace, TextWriter to)
    {
        to.Write($"{{\n\"format\": {Text(trace.Format)},\n\"version\": {Text(trace.Version)},\n\"name\": {Text(trace.Name)},\n\"start\": {Text(trace.Start)},\n");
        if (trace.Farm is { } farm)
        {
            to.Write($"\"farm\": {JsonSerializer.Serialize(farm, SimJson.Options)},\n");
        }

        to.Write("\"jobs\": [");
        var separator = "\n";
        foreach (var job in trace.Jobs)
        {
            to.Write(separator);
            to.Write(Text(job));
            separator = ",\n";
        }

        to.Write("\n]\n}\n");
    }

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, SimJson.Compact);
}
