using Grpc.Core;

namespace OpenCue.Rpc.Server;

/// <summary>What a server allows and offers; given to <see cref="RpcServiceExtensions.AddRpc"/>.</summary>
public sealed class RpcServerOptions
{
    /// <summary>The most bytes a request or response message may have, after expanding. OpenCue's own limit, 100 MiB, by default.</summary>
    public int MaxMessageBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>
    /// The most bytes that half-received large requests may hold together, over all calls; a request above it is
    /// answered RESOURCE_EXHAUSTED. 1 GiB by default.
    /// </summary>
    public long MaxBufferedBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>
    /// Responses of this many bytes or more are compressed for clients that take gzip; null compresses none. Null by default:
    /// every grpcio client says that it takes gzip, and inside of a facility the wire is cheaper than the processor.
    /// </summary>
    public int? GzipResponsesFromBytes { get; set; }

    /// <summary>How long calls in flight may go on when the server stops; afterwards their connections are cut. 30 s by default.</summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What a new call gets while the server stops; null answers UNAVAILABLE to all. Asked once per method, when it is mapped.</summary>
    public Func<IMethod, RpcWhileStopping>? WhileStopping { get; set; }

    /// <summary>
    /// Web origins (<c>https://cue.example.com</c>) whose pages may call over gRPC-Web and JSON; <c>*</c> is every origin. None by
    /// default: then only pages from this server itself can call.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Called once for every call that ends, on the call's own thread: count, do not wait.</summary>
    public Action<RpcCallEnd>? CallEnded { get; set; }

    internal IEnumerable<string> Problems()
    {
        if (MaxMessageBytes < 1)
        {
            yield return $"MaxMessageBytes is {MaxMessageBytes}; it must be at least 1.";
        }

        if (MaxBufferedBytes < MaxMessageBytes)
        {
            yield return $"MaxBufferedBytes is {MaxBufferedBytes}; it must be at least MaxMessageBytes, which is {MaxMessageBytes}.";
        }

        if (GzipResponsesFromBytes < 0)
        {
            yield return $"GzipResponsesFromBytes is {GzipResponsesFromBytes}; it must not be negative, and null compresses nothing.";
        }

        if (ShutdownGrace < TimeSpan.Zero)
        {
            yield return $"ShutdownGrace is {ShutdownGrace}; it must not be negative.";
        }

        foreach (var origin in AllowedOrigins)
        {
            if (origin != "*"
                && (!Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                    || uri.Scheme is not ("http" or "https")
                    || uri.GetLeftPart(UriPartial.Authority) != origin))
            {
                yield return $"AllowedOrigins has \"{origin}\"; an origin is a scheme, a host and perhaps a port, like https://cue.example.com.";
            }
        }
    }
}
