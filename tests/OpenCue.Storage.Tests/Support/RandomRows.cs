using System.Reflection;
using System.Runtime.CompilerServices;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Operations;

namespace OpenCue.Storage.Tests.Support;

/// <summary>
/// Fills every property of a row with a random value, found by reflection: a column that a store forgets makes a test fail, also the one
/// that is added next year. A property of a type that is not known here fails too.
/// </summary>
internal sealed class RandomRows(int seed)
{
    private static readonly string[] Texts =
    [
        "", " ", "render", "0001-render", "a'b\"c\\d", "line\nbreak\ttab\r\n", "$1 ?1 {0} %s", "[\"json\"]", "null", "NULL", "Größe", "日本語テキスト",
        "עברית", "🎬🎞\ufe0f", "e\u0301", "\ufeffbom", "\uffff", "\u0001\u001f\u007f", "\u2028\u2029", new string('x', 5000), "ends with space ",
    ];

    private static readonly Dictionary<Type, Func<RandomRows, object>> Values = new()
    {
        [typeof(EntityId)] = r => r.Id(),
        [typeof(string)] = r => r.Text(),
        [typeof(int)] = r => (int)r.Number(int.MinValue, int.MaxValue),
        [typeof(long)] = r => r.Number(long.MinValue, long.MaxValue),
        [typeof(short)] = r => (short)r.Number(short.MinValue, short.MaxValue),
        [typeof(ulong)] = r => unchecked((ulong)r.Number(long.MinValue, long.MaxValue)),
        [typeof(bool)] = r => r._random.Next(2) == 0,
        [typeof(Resources)] = r => new Resources(
            (int)r.Number(int.MinValue, int.MaxValue), r.Number(long.MinValue, long.MaxValue), (int)r.Number(int.MinValue, int.MaxValue),
            r.Number(long.MinValue, long.MaxValue)),
        [typeof(ValueList<string>)] = r => r.List(() => r.Text()),
        [typeof(ValueList<EntityId>)] = r => r.List(() => r.Id()),
        [typeof(ValueList<EnvironmentVariable>)] = r => r.List(() => new EnvironmentVariable(r.Text(), r.Text())),
        [typeof(ValueList<FrameSpan>)] = r => r.List(() => new FrameSpan(
            r.Id(), (int)r.Number(int.MinValue, int.MaxValue), (int)r.Number(int.MinValue, int.MaxValue))),
        [typeof(KillOrder)] = r => (KillOrder)r.Fill(typeof(KillOrder)),
    };

    private readonly Random _random = new(seed);
    private readonly IdSource _ids = new((ulong)seed);

    /// <summary>The random numbers behind it.</summary>
    public Random Random => _random;

    /// <summary>A new id, good for a layer too.</summary>
    public EntityId Id() => _ids.Next(_random.NextInt64(1L << 47));

    /// <summary>A row of this type with a random value in every property.</summary>
    public TRow Row<TRow>()
        where TRow : class, IRow => (TRow)Fill(typeof(TRow));

    /// <summary>A random value in every field that is stored.</summary>
    public Frame Frame()
    {
        object frame = default(Frame);
        foreach (var field in typeof(Frame).GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            field.SetValue(frame, Value(field.FieldType));
        }

        var filled = (Frame)frame;
        filled.Flags = (FrameFlags)_random.Next(256) & ~FrameFlags.Dirty;
        filled.DependCount = 0;
        filled.ChangedIn = 0;
        return filled;
    }

    /// <summary>Some text, nasty at times.</summary>
    public string Text() => Texts[_random.Next(Texts.Length)] + (_random.Next(3) == 0 ? _random.Next().ToString() : "");

    private object Fill(Type type)
    {
        var row = RuntimeHelpers.GetUninitializedObject(type);
        var nullability = new NullabilityInfoContext();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is not null))
        {
            var plain = Nullable.GetUnderlyingType(property.PropertyType);
            var optional = plain is not null || nullability.Create(property).ReadState == NullabilityState.Nullable;
            property.SetValue(row, optional && _random.Next(3) == 0 ? null : Value(plain ?? property.PropertyType));
        }

        return row;
    }

    private object Value(Type type)
    {
        if (type.IsEnum)
        {
            var values = type.GetEnumValues();
            return values.GetValue(_random.Next(values.Length))!;
        }

        return Values.TryGetValue(type, out var make)
            ? make(this)
            : throw new InvalidOperationException($"RandomRows does not know how to make a {type.Name}.");
    }

    private ValueList<T> List<T>(Func<T> make) => Enumerable.Range(0, _random.Next(4)).Select(_ => make()).ToValueList();

    private long Number(long min, long max) => _random.Next(5) switch
    {
        0 => 0,
        1 => min,
        2 => max,
        3 => Math.Min(max, _random.Next(10)),
        _ => _random.NextInt64(min, max),
    };
}
