using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OpenCue.Farm.Operations;

namespace OpenCue.Storage.Tables;

/// <summary>Lists as JSON in text columns, written so that people can read them and SQL can take them apart.</summary>
internal static class JsonLists
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>["general","desktop"]</c></summary>
    public static string Of(ValueList<string> list) => Write(list, static (json, text) => json.WriteStringValue(StorableText.Check(text)));

    /// <summary>Ids as strings.</summary>
    public static string Of(ValueList<EntityId> list) => Write(list, static (json, id) => json.WriteStringValue(id.ToString()));

    /// <summary><c>[{"name":"SHOT","value":"sq1"}]</c>: a list, because the order counts and a name may come twice.</summary>
    public static string Of(ValueList<EnvironmentVariable> list) => Write(list, static (json, variable) =>
    {
        json.WriteStartObject();
        json.WriteString("name", StorableText.Check(variable.Name));
        json.WriteString("value", StorableText.Check(variable.Value));
        json.WriteEndObject();
    });

    /// <summary><c>[{"layer":"0199...","first":0,"count":10}]</c></summary>
    public static string Of(ValueList<FrameSpan> list) => Write(list, static (json, span) =>
    {
        json.WriteStartObject();
        json.WriteString("layer", span.LayerId.ToString());
        json.WriteNumber("first", span.First);
        json.WriteNumber("count", span.Count);
        json.WriteEndObject();
    });

    public static ValueList<string> Strings(string json) => Read(json, static item => item.GetString()!);

    public static ValueList<EntityId> Ids(string json) => Read(json, static item => EntityId.Parse(item.GetString()!));

    public static ValueList<EnvironmentVariable> Variables(string json) => Read(json, static item =>
        new EnvironmentVariable(item.GetProperty("name").GetString()!, item.GetProperty("value").GetString()!));

    public static ValueList<FrameSpan> Spans(string json) => Read(json, static item =>
        new FrameSpan(
            EntityId.Parse(item.GetProperty("layer").GetString()!), item.GetProperty("first").GetInt32(), item.GetProperty("count").GetInt32()));

    private static string Write<T>(ValueList<T> list, Action<Utf8JsonWriter, T> writeItem)
    {
        if (list.Count == 0)
        {
            return "[]";
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartArray();
            foreach (var item in list)
            {
                writeItem(json, item);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static ValueList<T> Read<T>(string json, Func<JsonElement, T> readItem)
    {
        if (json == "[]")
        {
            return [];
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateArray().Select(readItem).ToValueList();
    }
}
