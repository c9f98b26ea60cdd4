namespace Grpc.Core;

/// <summary>What a client asks for beside the request.</summary>
public readonly struct CallOptions
{
    private readonly bool? _waitForReady;

#pragma warning disable CA1068 // The order is fixed by the generated stubs.
    /// <summary>Makes options.</summary>
    /// <param name="headers">Metadata to send.</param>
    /// <param name="deadline">When to stop waiting, UTC; null takes the channel's default.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <param name="writeOptions">How the request is written.</param>
    public CallOptions(
        Metadata? headers = null,
        DateTime? deadline = null,
        CancellationToken cancellationToken = default,
        WriteOptions? writeOptions = null)
        : this(headers, deadline, writeOptions, null, cancellationToken)
    {
    }
#pragma warning restore CA1068

    private CallOptions(
        Metadata? headers,
        DateTime? deadline,
        WriteOptions? writeOptions,
        bool? waitForReady,
        CancellationToken cancellationToken)
    {
        Headers = headers;
        Deadline = deadline;
        CancellationToken = cancellationToken;
        WriteOptions = writeOptions;
        _waitForReady = waitForReady;
    }

    /// <summary>Metadata to send.</summary>
    public Metadata? Headers { get; }

    /// <summary>When to stop waiting, UTC; null takes the channel's default.</summary>
    public DateTime? Deadline { get; }

    /// <summary>Gives the call up.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>How the request is written.</summary>
    public WriteOptions? WriteOptions { get; }

    /// <summary>Whether a call without a reachable server waits for one, until its deadline, instead of failing.</summary>
    public bool IsWaitForReady => _waitForReady ?? false;

    /// <summary>Whether <see cref="WithWaitForReady"/> was called, with either value.</summary>
    internal bool IsWaitForReadySet => _waitForReady.HasValue;

    /// <summary>The same with other metadata.</summary>
    /// <param name="headers">Metadata to send.</param>
    public CallOptions WithHeaders(Metadata headers) => new(headers, Deadline, WriteOptions, _waitForReady, CancellationToken);

    /// <summary>The same with another deadline.</summary>
    /// <param name="deadline">When to stop waiting, UTC.</param>
    public CallOptions WithDeadline(DateTime deadline) => new(Headers, deadline, WriteOptions, _waitForReady, CancellationToken);

    /// <summary>The same with another token.</summary>
    /// <param name="cancellationToken">Gives the call up.</param>
    public CallOptions WithCancellationToken(CancellationToken cancellationToken) =>
        new(Headers, Deadline, WriteOptions, _waitForReady, cancellationToken);

    /// <summary>The same with other write options.</summary>
    /// <param name="writeOptions">How the request is written.</param>
    public CallOptions WithWriteOptions(WriteOptions writeOptions) =>
        new(Headers, Deadline, writeOptions, _waitForReady, CancellationToken);

    /// <summary>The same, waiting or not for a reachable server.</summary>
    /// <param name="waitForReady">Whether to wait until the deadline.</param>
    public CallOptions WithWaitForReady(bool waitForReady = true) =>
        new(Headers, Deadline, WriteOptions, waitForReady, CancellationToken);
}
