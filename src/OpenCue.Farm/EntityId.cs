using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace OpenCue.Farm;

/// <summary>
/// The identity of anything in the farm: 128 bits inside, a lower-case UUID on the wire.
/// </summary>
/// <remarks>
/// A layer's id ends in 32 zero bits; a frame's id is its layer's id with the frame's ordinal plus one in those bits.
/// So a frame is found from its id without an index per frame, and rows of one layer lie together on disk.
/// </remarks>
public readonly record struct EntityId(ulong High, ulong Low) : IComparable<EntityId>
{
    /// <summary>The id of nothing; never stored as anybody's identity.</summary>
    public static EntityId None => default;

    /// <summary>True for <see cref="None"/>.</summary>
    public bool IsNone => High == 0 && Low == 0;

    /// <summary>The id of the layer that owns this frame id (for a layer's own id, that id).</summary>
    public EntityId Layer => new(High, Low & 0xFFFF_FFFF_0000_0000UL);

    /// <summary>The ordinal of the frame that this id names, or −1 if its last 32 bits are zero and it names no frame.</summary>
    public int FrameOrdinal => (int)((uint)Low - 1);

    /// <summary>The id of the frame with this ordinal in the layer that has this id.</summary>
    public EntityId Frame(int ordinal) => new(High, (Low & 0xFFFF_FFFF_0000_0000UL) | (uint)(ordinal + 1));

    /// <summary>Reads a UUID in its 36-character form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EntityId id)
    {
        if (text is { Length: 36 } && Guid.TryParseExact(text, "D", out var guid))
        {
            id = FromGuid(guid);
            return true;
        }

        id = default;
        return false;
    }

    /// <summary>Reads a UUID in its 36-character form; throws <see cref="FormatException"/> for anything else.</summary>
    public static EntityId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not an id: expected a UUID of 36 characters.");

    /// <summary>The same 128 bits as a <see cref="Guid"/>, in network order (as PostgreSQL stores a uuid).</summary>
    public Guid ToGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The inverse of <see cref="ToGuid"/>.</summary>
    public static EntityId FromGuid(Guid guid)
    {
        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        return new EntityId(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }

    /// <inheritdoc/>
    public int CompareTo(EntityId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <inheritdoc/>
    /// <remarks>Ids hold 74 random bits and no attacker's: mixing them is enough, and the model hashes ids more than anything else.</remarks>
    public override int GetHashCode() => (int)((((High * 0x9E3779B97F4A7C15UL) ^ Low) * 0xD6E8FEB86659FD93UL) >> 32);

    /// <summary>The 36-character lower-case form.</summary>
    public override string ToString() => ToGuid().ToString("D");
}
