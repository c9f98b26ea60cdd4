using System.Runtime.CompilerServices;

namespace OpenCue.Storage.Tables;

/// <summary>Enumerations as the 16-bit numbers that are stored, without boxing.</summary>
internal static class EnumNumber
{
    /// <summary>The number of an enumeration value.</summary>
    public static short Of<TEnum>(TEnum value)
        where TEnum : struct, Enum =>
        Unsafe.SizeOf<TEnum>() == 1 ? Unsafe.As<TEnum, byte>(ref value) : checked((short)Unsafe.As<TEnum, int>(ref value));

    /// <summary>The inverse of <see cref="Of"/>.</summary>
    public static TEnum To<TEnum>(short number)
        where TEnum : struct, Enum
    {
        if (Unsafe.SizeOf<TEnum>() == 1)
        {
            var small = checked((byte)number);
            return Unsafe.As<byte, TEnum>(ref small);
        }

        var wide = (int)number;
        return Unsafe.As<int, TEnum>(ref wide);
    }
}
