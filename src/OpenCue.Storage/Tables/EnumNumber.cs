using System.Runtime.CompilerServices;

namespace OpenCue.Storage.Tables;

/// <summary>Enumerations as the 16-bit numbers that are stored, without boxing.</summary>
internal static class EnumNumber
{
    /// <summary>The number of an enumeration value.</summary>
    public static short Of<TEnum>(TEnum value)
        where TEnum : struct, Enum => Unsafe.SizeOf<TEnum>() switch
        {
            1 => Unsafe.As<TEnum, byte>(ref value),
            2 => Unsafe.As<TEnum, short>(ref value),
            4 => checked((short)Unsafe.As<TEnum, int>(ref value)),
            _ => throw new NotSupportedException($"{typeof(TEnum).Name} has more than 32 bits."),
        };

    /// <summary>The inverse of <see cref="Of"/>.</summary>
    public static TEnum To<TEnum>(short number)
        where TEnum : struct, Enum
    {
        var (small, wide) = (unchecked((byte)number), (int)number);
        return Unsafe.SizeOf<TEnum>() switch
        {
            1 => Unsafe.As<byte, TEnum>(ref small),
            2 => Unsafe.As<short, TEnum>(ref number),
            4 => Unsafe.As<int, TEnum>(ref wide),
            _ => throw new NotSupportedException($"{typeof(TEnum).Name} has more than 32 bits."),
        };
    }
}
