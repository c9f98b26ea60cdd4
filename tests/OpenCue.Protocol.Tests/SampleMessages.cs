using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OpenCue.Protocol.Tests;

/// <summary>Messages with every field set, for whatever must hold for all of the contract.</summary>
internal static class SampleMessages
{
    // Groups hold groups and procs hold hosts; below this depth message fields stay unset.
    private const int Depth = 3;

    /// <summary>One message of each type of the contract, nested types included.</summary>
    public static IEnumerable<IMessage> All() =>
        WireFacts.GeneratedFiles().SelectMany(file => file.MessageTypes).SelectMany(WithNested).Select(type => Filled(type, Depth));

    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor type) =>
        [type, .. type.NestedTypes.Where(nested => nested.GetOptions() is not { MapEntry: true }).SelectMany(WithNested)];

    private static IMessage Filled(MessageDescriptor type, int depth)
    {
        var message = type.Parser.ParseFrom([]);
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (field.IsMap)
            {
                var (key, value) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
                if (Sample(value, depth) is { } sample)
                {
                    ((IDictionary)field.Accessor.GetValue(message)).Add(Sample(key, depth)!, sample);
                }
            }
            else if (Sample(field, depth) is { } sample)
            {
                if (field.IsRepeated)
                {
                    var list = (IList)field.Accessor.GetValue(message);
                    list.Add(sample);
                    list.Add(sample);
                }
                else
                {
                    field.Accessor.SetValue(message, sample);
                }
            }
        }

        return message;
    }

    private static object? Sample(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.String => $"{field.Name} é\n",
        FieldType.Bytes => ByteString.CopyFrom(0, 1, 255),
        FieldType.Bool => true,
        FieldType.Float => -1.25f,
        FieldType.Int32 => int.MinValue + field.FieldNumber,
        FieldType.Int64 or FieldType.SInt64 => long.MinValue + field.FieldNumber,
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[^1].Number),
        FieldType.Message => depth == 0 ? null : Filled(field.MessageType, depth - 1),
        _ => throw new InvalidOperationException(
            $"{field.FullName} has the type {field.FieldType}, which no field had before; add a sample of it here"),
    };
}
