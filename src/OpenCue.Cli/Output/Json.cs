using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OpenCue.Cli.Output;

/// <summary>
/// Messages as JSON, for <c>--json</c>: every field of <c>proto/*.proto</c> by its name there and in the unit given there, also those
/// at their default; enums by name, 64-bit numbers as plain numbers, null for a message that is not there.
/// </summary>
/// <remarks>
/// Google's mapping of messages writes 64-bit numbers as texts and renames fields; neither helps a script, and the numbers here (KiB,
/// seconds) stay far below 2^53.
/// </remarks>
internal static class Json
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes a list of messages as an array.</summary>
    public static void Write(Terminal terminal, IEnumerable<IMessage> messages) => Write(terminal, json => WriteArray(json, messages));

    /// <summary>Writes one message, with members of its own after its fields.</summary>
    public static void Write(Terminal terminal, IMessage message, params (string Name, IEnumerable<IMessage> Messages)[] more) =>
        Write(terminal, json =>
        {
            json.WriteStartObject();
            WriteFields(json, message);
            foreach (var (name, messages) in more)
            {
                json.WritePropertyName(name);
                WriteArray(json, messages);
            }

            json.WriteEndObject();
        });

    /// <summary>Writes any JSON.</summary>
    public static void Write(Terminal terminal, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json);
        }

        terminal.Line(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    /// <summary>Writes an array of messages.</summary>
    public static void WriteArray(Utf8JsonWriter json, IEnumerable<IMessage> messages)
    {
        json.WriteStartArray();
        foreach (var message in messages)
        {
            WriteMessage(json, message);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a message as an object.</summary>
    public static void WriteMessage(Utf8JsonWriter json, IMessage message)
    {
        json.WriteStartObject();
        WriteFields(json, message);
        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            json.WritePropertyName(field.Name);
            if (field.HasPresence && !field.Accessor.HasValue(message))
            {
                json.WriteNullValue();
                continue;
            }

            WriteField(json, field, field.Accessor.GetValue(message));
        }
    }

    private static void WriteField(Utf8JsonWriter json, FieldDescriptor field, object value)
    {
        switch (value)
        {
            case IDictionary map:
                json.WriteStartObject();
                foreach (DictionaryEntry entry in map)
                {
                    json.WritePropertyName(Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!);
                    WriteValue(json, field.MessageType.FindFieldByNumber(2), entry.Value!);
                }

                json.WriteEndObject();
                break;
            case IList list:
                json.WriteStartArray();
                foreach (var item in list)
                {
                    WriteValue(json, field, item!);
                }

                json.WriteEndArray();
                break;
            default:
                WriteValue(json, field, value);
                break;
        }
    }

    private static void WriteValue(Utf8JsonWriter json, FieldDescriptor field, object value)
    {
        switch (value)
        {
            case IMessage message:
                WriteMessage(json, message);
                break;
            case Enum number:
                var code = Convert.ToInt32(number, CultureInfo.InvariantCulture);
                // A newer server may know values that this program does not.
                json.WriteStringValue(field.EnumType.FindValueByNumber(code)?.Name ?? code.ToString(CultureInfo.InvariantCulture));
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case ByteString bytes:
                json.WriteBase64StringValue(bytes.Span);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            // By way of their decimal text: 0.1f is 0.1 to a person, not 0.10000000149.
            case float or double when double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)):
                json.WriteRawValue(Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
            case float or double:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteRawValue(Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
        }
    }
}
