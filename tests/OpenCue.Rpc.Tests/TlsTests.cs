using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using OpenCue.Rpc.Client;

namespace OpenCue.Rpc.Tests;

public sealed class TlsTests
{
    [Fact]
    public async Task Grpcio_calls_over_tls_and_alpn()
    {
        using var certificates = new TestCertificates();
        await using var server = await TestServer.StartAsync(certificate: certificates.Server);
        var root = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(root, certificates.Root.ExportCertificatePem());
            await Grpcio.RunAsync("tls", server, root);
        }
        finally
        {
            File.Delete(root);
        }
    }

    [Fact]
    public async Task Our_client_calls_a_server_whose_root_it_trusts()
    {
        using var certificates = new TestCertificates();
        await using var server = await TestServer.StartAsync(certificate: certificates.Server);
        using var client = new TestClient($"https://localhost:{server.RpcPort}", Trusting(certificates));
        Assert.Equal("secret", await client.EchoAsync("secret"));
    }

    [Fact]
    public async Task A_root_that_is_not_trusted_ends_the_call_before_anything_is_sent()
    {
        using var certificates = new TestCertificates();
        using var others = new TestCertificates();
        await using var server = await TestServer.StartAsync(certificate: certificates.Server);
        using var client = new TestClient($"https://localhost:{server.RpcPort}", Trusting(others));
        var failure = await TestClient.TransportFailureAsync(() => client.EchoAsync("secret"));
        Assert.Equal((StatusCode.Unavailable, false), (failure.StatusCode, failure.RequestSent));
        Assert.Contains("certificate", failure.Status.Detail, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, server.Service.Served);
    }

    [Fact]
    public async Task A_plain_client_at_a_tls_port_gets_an_error()
    {
        using var certificates = new TestCertificates();
        await using var server = await TestServer.StartAsync(certificate: certificates.Server);
        using var client = new TestClient(server.RpcAddress);
        await TestClient.TransportFailureAsync(() => client.EchoAsync("plain"));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task The_web_port_speaks_both_versions_of_http_over_tls(string version)
    {
        using var certificates = new TestCertificates();
        await using var server = await TestServer.StartAsync(certificate: certificates.Server);
        using var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = Policy(certificates) } };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://localhost:{server.WebPort}/rpctest.TestInterface/Echo")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("""{"text":"json"}""", Encoding.UTF8, "application/json"),
        };
        using var response = await client.SendAsync(request);
        Assert.Equal((HttpStatusCode.OK, Version.Parse(version)), (response.StatusCode, response.Version));

        using var grpc = new TestClient($"https://localhost:{server.WebPort}", Trusting(certificates));
        Assert.Equal("grpc there too", await grpc.EchoAsync("grpc there too"));
    }

    private static RpcChannelOptions Trusting(TestCertificates certificates) => new()
    {
        DefaultTimeout = TimeSpan.FromSeconds(30),
        TransportOptions = new RpcTransportOptions { TrustedRoots = [certificates.Root] },
    };

    private static X509ChainPolicy Policy(TestCertificates certificates)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(certificates.Root);
        return policy;
    }
}
