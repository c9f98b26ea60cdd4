namespace OpenCue.Rpc.Server;

/// <summary>What a health check says of a service.</summary>
public enum RpcServingStatus
{
    /// <summary>It cannot be told yet.</summary>
    Unknown = 0,

    /// <summary>Calls are served.</summary>
    Serving = 1,

    /// <summary>Calls are not served now: loading, standing by, stopping.</summary>
    NotServing = 2,
}
