using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OpenCue.Rpc.Server;

/// <summary>Opens the ports of a server.</summary>
public static class RpcKestrelExtensions
{
    // A dead peer, cable pulled, is found within these two together.
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Listens for gRPC: HTTP/2 only; without a certificate in plain text, with one by TLS and ALPN.</summary>
    /// <param name="kestrel">The web server's options.</param>
    /// <param name="address">Where to listen; null is loopback.</param>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="certificate">The server's certificate with its private key.</param>
    public static void ListenRpc(this KestrelServerOptions kestrel, IPAddress? address, int port, X509Certificate2? certificate = null) =>
        Listen(kestrel, address, port, certificate, HttpProtocols.Http2);

    /// <summary>
    /// Listens for web clients (gRPC-Web, JSON, pages): HTTP/1.1, and with a certificate HTTP/2 too, chosen by ALPN, which
    /// then serves gRPC itself as well. In plain text a port cannot tell the two versions apart, and no browser would use HTTP/2 there.
    /// </summary>
    /// <param name="kestrel">The web server's options.</param>
    /// <param name="address">Where to listen; null is loopback.</param>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="certificate">The server's certificate with its private key.</param>
    public static void ListenWeb(this KestrelServerOptions kestrel, IPAddress? address, int port, X509Certificate2? certificate = null) =>
        Listen(kestrel, address, port, certificate, certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2);

    private static void Listen(
        KestrelServerOptions kestrel,
        IPAddress? address,
        int port,
        X509Certificate2? certificate,
        HttpProtocols protocols)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        kestrel.AddServerHeader = false;
        kestrel.Limits.Http2.KeepAlivePingDelay = PingAfter;
        kestrel.Limits.Http2.KeepAlivePingTimeout = PingTimeout;
        kestrel.Listen(address ?? IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = protocols;
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        });
    }
}
