using Grpc.Core;

namespace OpenCue.Rpc.Client;

/// <summary>How calls on a channel behave.</summary>
public sealed record RpcChannelOptions
{
    /// <summary>How long a call may take that names no deadline; null is for ever.</summary>
    public TimeSpan? DefaultTimeout { get; init; }

    /// <summary>The most bytes a request or response message may have, after expanding. 100 MiB by default.</summary>
    public int MaxMessageBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>Requests of this many bytes or more are sent compressed; null compresses none, the default.</summary>
    public int? GzipRequestsFromBytes { get; init; }

    /// <summary>Whether a call that says nothing about it waits, until its deadline, while no address can be reached. No by default.</summary>
    public bool WaitForReady { get; init; }

    /// <summary>
    /// Says of a method that doing it twice is the same as doing it once. Only such a call is repeated at another address
    /// when the outcome of the first try is unknown or the server answered UNAVAILABLE. By default no method is.
    /// </summary>
    public Func<IMethod, bool>? IsIdempotent { get; init; }

    /// <summary>How long an address rests after its first failed connection; each further failure makes it 1.6 times as long. 100 ms by default.</summary>
    public TimeSpan BackoffMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest rest of an address. 5 s by default.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections shared with other channels; null makes the channel its own, by <see cref="TransportOptions"/>.</summary>
    public RpcTransport? Transport { get; init; }

    /// <summary>How the channel's own connections are made and watched.</summary>
    public RpcTransportOptions TransportOptions { get; init; } = new();

    /// <summary>What the server sees as the user agent.</summary>
    public string UserAgent { get; init; } = "opencue-dotnet/" + typeof(RpcChannelOptions).Assembly.GetName().Version?.ToString(3);

    /// <summary>The clock of deadlines and rests.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
