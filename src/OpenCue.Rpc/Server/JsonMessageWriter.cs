using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OpenCue.Rpc.Server;

/// <summary>
/// Protobuf messages as JSON with every field written: null for a message that is not there, defaults for scalars, empty
/// lists. Google's own formatter leaves absent messages out, and clients of OpenCue's gateway are used to finding them.
/// </summary>
internal static class JsonMessageWriter
{
    public static readonly JsonWriterOptions WriterOptions = new()
    {
        // The answer is application/json, never part of an HTML page, so only what JSON itself needs is escaped.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public static void Write(IMessage message, IBufferWriter<byte> target)
    {
        using var json = new Utf8JsonWriter(target, WriterOptions);
        WriteMessage(message, json);
    }

    private static void WriteMessage(IMessage message, Utf8JsonWriter json)
    {
        var descriptor = message.Descriptor;
        if (descriptor.File.Package == "google.protobuf")
        {
            // Times, durations, wrappers and their like have forms of their own.
            json.WriteRawValue(JsonFormatter.Default.Format(message), skipInputValidation: true);
            return;
        }

        json.WriteStartObject();
        foreach (var field in descriptor.Fields.InDeclarationOrder())
        {
            // A member of a oneof (an optional scalar is one too) is written only when it is the one.
            if (field.ContainingOneof is not null && !field.Accessor.HasValue(message))
            {
                continue;
            }

            json.WritePropertyName(field.JsonName);
            WriteField(field, field.Accessor.GetValue(message), json);
        }

        json.WriteEndObject();
    }

    private static void WriteField(FieldDescriptor field, object? value, Utf8JsonWriter json)
    {
        if (field.IsMap)
        {
            var valueField = field.MessageType.FindFieldByNumber(2);
            json.WriteStartObject();
            foreach (DictionaryEntry entry in (IDictionary)value!)
            {
                json.WritePropertyName(MapKey(entry.Key));
                WriteValue(valueField, entry.Value, json);
            }

            json.WriteEndObject();
        }
        else if (field.IsRepeated)
        {
            json.WriteStartArray();
            foreach (var item in (IList)value!)
            {
                WriteValue(field, item, json);
            }

            json.WriteEndArray();
        }
        else
        {
            WriteValue(field, value, json);
        }
    }

    private static void WriteValue(FieldDescriptor field, object? value, Utf8JsonWriter json)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int number when field.FieldType != FieldType.Enum:
                json.WriteNumberValue(number);
                break;
            case uint number:
                json.WriteNumberValue(number);
                break;
            // A number in JavaScript holds 53 bits only.
            case long number:
                json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case ulong number:
                json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case float number:
                WriteFloat(number, json);
                break;
            case double number:
                WriteDouble(number, json);
                break;
            case ByteString bytes:
                json.WriteBase64StringValue(bytes.Span);
                break;
            case IMessage message:
                WriteMessage(message, json);
                break;
            default:
                WriteEnum(field.EnumType, Convert.ToInt32(value, CultureInfo.InvariantCulture), json);
                break;
        }
    }

    private static void WriteEnum(EnumDescriptor type, int number, Utf8JsonWriter json)
    {
        if (type.FullName == "google.protobuf.NullValue")
        {
            json.WriteNullValue();
        }
        else if (type.FindValueByNumber(number) is { } value)
        {
            json.WriteStringValue(value.Name);
        }
        else
        {
            // A newer server's value has no name here; its number survives.
            json.WriteNumberValue(number);
        }
    }

    private static void WriteFloat(float number, Utf8JsonWriter json)
    {
        if (float.IsFinite(number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            WriteDouble(number, json);
        }
    }

    private static void WriteDouble(double number, Utf8JsonWriter json)
    {
        if (double.IsFinite(number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
        }
    }

    private static string MapKey(object key) => key switch
    {
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(key, CultureInfo.InvariantCulture)!,
    };
}
