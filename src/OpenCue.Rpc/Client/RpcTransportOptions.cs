using System.Security.Cryptography.X509Certificates;

namespace OpenCue.Rpc.Client;

/// <summary>How connections are made and watched.</summary>
public sealed record RpcTransportOptions
{
    /// <summary>How long connecting to one address may take. 5 s by default.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A connection with calls in flight that is silent for so long is pinged. 30 s by default; other implementations
    /// end connections that ping them much more often.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection whose ping is not answered for so long is given up. 10 s by default.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>An unused connection is closed after so long. 60 s by default.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The roots that servers' certificates must come from; null trusts what the operating system trusts.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The certificate, with private key, that this client shows; null shows none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }
}
