using Grpc.Core;

namespace OpenCue.Simulator.Faults.Servers;

/// <summary>A call to the server, as its services see it.</summary>
internal sealed class SimCallContext(string method, string peer, CancellationToken givenUp) : ServerCallContext
{
    private readonly Metadata _trailers = [];

    /// <inheritdoc/>
    protected override string MethodCore => method;

    /// <inheritdoc/>
    protected override string HostCore => "sim";

    /// <inheritdoc/>
    protected override string PeerCore => peer;

    /// <inheritdoc/>
    protected override DateTime DeadlineCore => DateTime.MaxValue;

    /// <inheritdoc/>
    protected override Metadata RequestHeadersCore => Metadata.Empty;

    /// <inheritdoc/>
    protected override CancellationToken CancellationTokenCore => givenUp;

    /// <inheritdoc/>
    protected override Metadata ResponseTrailersCore => _trailers;

    /// <inheritdoc/>
    protected override Status StatusCore { get; set; }

    /// <inheritdoc/>
    protected override WriteOptions? WriteOptionsCore { get; set; }

    /// <inheritdoc/>
    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
}
