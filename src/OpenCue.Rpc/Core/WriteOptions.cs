namespace Grpc.Core;

/// <summary>How messages are written.</summary>
[Flags]
public enum WriteFlags
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>The message may wait in a buffer until the next one.</summary>
    BufferHint = 1,

    /// <summary>The message is sent uncompressed even if the call is compressed.</summary>
    NoCompress = 2,
}

/// <summary>How a message is written.</summary>
public class WriteOptions
{
    /// <summary>Nothing special.</summary>
    public static readonly WriteOptions Default = new();

    /// <summary>Makes options.</summary>
    /// <param name="flags">What is special.</param>
    public WriteOptions(WriteFlags flags = WriteFlags.None) => Flags = flags;

    /// <summary>What is special.</summary>
    public WriteFlags Flags { get; }
}
