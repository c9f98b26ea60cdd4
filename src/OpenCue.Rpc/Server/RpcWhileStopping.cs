namespace OpenCue.Rpc.Server;

/// <summary>What a call gets that comes while the server stops.</summary>
public enum RpcWhileStopping
{
    /// <summary>The status UNAVAILABLE.</summary>
    Unavailable,

    /// <summary>It is served as long as the server still runs; for queries.</summary>
    Serve,

    /// <summary>The connection is cut without any answer; for reports that must come again and whose senders take an answer for an end.</summary>
    DropConnection,
}
