using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenCue.Simulator.Traces;

/// <summary>A run as three numbers: <c>[seconds, peak KiB, exit status]</c>. There are hundreds of thousands in a trace.</summary>
internal sealed class TraceRunConverter : JsonConverter<TraceRun>
{
    private const string Expected = "a run is three numbers: [seconds, peak KiB, exit status]";

    /// <inheritdoc/>
    public override TraceRun Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException(Expected);
        }

        var seconds = Next(ref reader).TryGetDecimal(out var s) ? s : throw new JsonException(Expected);
        var peak = Next(ref reader).TryGetInt64(out var p) ? p : throw new JsonException(Expected);
        var exit = Next(ref reader).TryGetInt32(out var e) ? e : throw new JsonException(Expected);
        return reader.Read() && reader.TokenType == JsonTokenType.EndArray ? new TraceRun(seconds, peak, exit) : throw new JsonException(Expected);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TraceRun value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Seconds);
        writer.WriteNumberValue(value.PeakKib);
        writer.WriteNumberValue(value.Exit);
        writer.WriteEndArray();
    }

    private static ref Utf8JsonReader Next(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.Number)
        {
            throw new JsonException(Expected);
        }

        return ref reader;
    }
}
