using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OpenCue.Cuebot.Api.Edge;

/// <summary>
/// Refuses requests whose values nobody can mean: control characters in names, numbers that are none, enum values that do not exist, texts and
/// lists beyond all measure. One place for all methods, so that no rule behind it ever meets such a value.
/// </summary>
/// <remarks>
/// A request that carries a whole job, layer, host ... is about the one with that id, and clients send back what they once got, so of those
/// only the id and the name are looked at.
/// </remarks>
internal static class RequestCheck
{
    /// <summary>The longest text of one line: no name, path or pattern needs more.</summary>
    public const int LongestLine = 4096;

    /// <summary>The longest text that people write to people.</summary>
    public const int LongestText = 65_536;

    /// <summary>The most items in one list of a request.</summary>
    public const int LongestList = 100_000;

    /// <summary>Fields with text of several lines.</summary>
    private static readonly HashSet<string> Texts = ["reason", "message", "subject"];

    /// <summary>Fields that are checked by who reads them.</summary>
    private static readonly HashSet<string> Documents = ["job.JobLaunchSpecRequest.spec", "job.JobLaunchSpecAndWaitRequest.spec"];

    private static readonly ConcurrentDictionary<MessageDescriptor, FieldDescriptor[]> Looked = new();

    /// <summary>Throws <see cref="FarmException"/>, naming the field, if a value is refused.</summary>
    public static void Check(IMessage request) => CheckMessage(request, "", isRequest: true);

    private static void CheckMessage(IMessage message, string path, bool isRequest)
    {
        foreach (var field in isRequest ? message.Descriptor.Fields.InDeclarationOrder() : Looked.GetOrAdd(message.Descriptor, FieldsOf))
        {
            var name = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            var value = field.Accessor.GetValue(message);
            if (field.IsMap)
            {
                CheckLength(((IDictionary)value).Count, name);
            }
            else if (field.IsRepeated)
            {
                CheckList(field, (IList)value, name);
            }
            else if (value is not null)
            {
                CheckValue(field, value, name);
            }
        }
    }

    private static FieldDescriptor[] FieldsOf(MessageDescriptor message)
    {
        var all = message.Fields.InDeclarationOrder();
        return message.FindFieldByName("id") is null ? [.. all] : [.. all.Where(field => field.Name is "id" or "name")];
    }

    private static void CheckList(FieldDescriptor field, IList values, string name)
    {
        CheckLength(values.Count, name);
        if (field.FieldType is not (FieldType.String or FieldType.Message or FieldType.Enum or FieldType.Float or FieldType.Double))
        {
            return;
        }

        for (var i = 0; i < values.Count; i++)
        {
            // The place is put together only when something is wrong with it, or deeper down.
            if (field.FieldType == FieldType.Message || IsBad(field, values[i]!))
            {
                CheckValue(field, values[i]!, string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]"));
            }
        }
    }

    private static bool IsBad(FieldDescriptor field, object value) => Fault(field, value) is not null;

    private static void CheckValue(FieldDescriptor field, object value, string name)
    {
        if (field.FieldType == FieldType.Message)
        {
            CheckMessage((IMessage)value, name, isRequest: false);
        }
        else if (Fault(field, value) is { } fault)
        {
            throw FarmException.Invalid($"{name} {fault}");
        }
    }

    private static string? Fault(FieldDescriptor field, object value) => field.FieldType switch
    {
        FieldType.String => TextFault(field, (string)value),
        FieldType.Float when !float.IsFinite((float)value) => "is no finite number.",
        FieldType.Double when !double.IsFinite((double)value) => "is no finite number.",
        FieldType.Enum when field.EnumType.FindValueByNumber((int)value) is null =>
            string.Create(CultureInfo.InvariantCulture, $"is {(int)value}, which is no {field.EnumType.Name}."),
        _ => null,
    };

    private static string? TextFault(FieldDescriptor field, string text)
    {
        if (Documents.Contains(field.FullName))
        {
            return null;
        }

        var isText = Texts.Contains(field.Name);
        var longest = isText ? LongestText : LongestLine;
        if (text.Length > longest)
        {
            return string.Create(CultureInfo.InvariantCulture, $"has {text.Length} characters; {longest} are the most.");
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]) && !(isText && text[i] is '\n' or '\r' or '\t'))
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"has a control character, U+{(int)text[i]:X4}, at position {i}; take it out.");
            }
        }

        return null;
    }

    private static void CheckLength(int count, string name)
    {
        if (count > LongestList)
        {
            throw FarmException.Invalid(string.Create(
                CultureInfo.InvariantCulture, $"{name} has {count} items; {LongestList} are the most. Send several requests."));
        }
    }
}
