using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace OpenCue.Rpc.Client;

/// <summary>
/// Holds connections. A channel makes one of its own, or several channels share one: a server that calls thousands of
/// render hosts has one transport and a small channel per host.
/// </summary>
public sealed class RpcTransport : IDisposable
{
    /// <summary>Makes a transport without connections yet.</summary>
    /// <param name="options">How connections are made and watched; null takes the defaults.</param>
    public RpcTransport(RpcTransportOptions? options = null)
    {
        options ??= new RpcTransportOptions();
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAlivePingDelay,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = options.IdleTimeout,
            // One HTTP/2 connection takes a hundred calls at a time; more calls get more connections instead of waiting.
            EnableMultipleHttp2Connections = true,
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            SslOptions = new SslClientAuthenticationOptions(),
        };
        if (options.TrustedRoots is { } roots)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                // A studio's own authority seldom runs a revocation service; asking one would only delay each connection.
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(roots);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        if (options.ClientCertificate is { } certificate)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        Invoker = new HttpMessageInvoker(handler, disposeHandler: true);
    }

    internal HttpMessageInvoker Invoker { get; }

    /// <summary>Closes all connections; calls in flight fail.</summary>
    public void Dispose() => Invoker.Dispose();
}
