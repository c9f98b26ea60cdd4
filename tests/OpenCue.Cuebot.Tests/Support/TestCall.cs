using Grpc.Core;

namespace OpenCue.Cuebot.Tests.Support;

/// <summary>A call as a service sees it, without a network.</summary>
internal sealed class TestCall(string peer) : ServerCallContext
{
    private readonly Metadata _trailers = [];

    protected override string MethodCore => "test";

    protected override string HostCore => "test";

    protected override string PeerCore => peer;

    protected override DateTime DeadlineCore => DateTime.MaxValue;

    protected override Metadata RequestHeadersCore => Metadata.Empty;

    protected override CancellationToken CancellationTokenCore => CancellationToken.None;

    protected override Metadata ResponseTrailersCore => _trailers;

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
}
