using System.Buffers;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenCue.Benchmarks.Protos;
using OpenCue.Rpc.Server;

namespace OpenCue.Benchmarks.Rpc;

/// <summary>
/// The server's side of the rpc benchmark, in a process of its own: a bare HTTP/2 handler that sends back the bytes it got,
/// and the same echo as a gRPC service. It ends when its standard input does.
/// </summary>
internal static class RpcServers
{
    public const string Role = "--rpc-servers";

    public static async Task RunAsync(TextWriter output)
    {
        await using var bare = await StartAsync(null, app => app.Run(EchoBytesAsync));
        await using var rpc = await StartAsync(services => services.AddRpc(), app => app.MapRpcService(new EchoService()));
        output.WriteLine($"{Port(bare)} {Port(rpc)}");
        await output.FlushAsync();
        await Console.In.ReadToEndAsync();
    }

    private static async Task<WebApplication> StartAsync(Action<IServiceCollection>? services, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenRpc(IPAddress.Loopback, 0));
        services?.Invoke(builder.Services);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return app;
    }

    private static int Port(WebApplication app) =>
        new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    private static async Task EchoBytesAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        http.Response.ContentType = "application/octet-stream";
        while (true)
        {
            var read = await reader.ReadAsync();
            foreach (var piece in read.Buffer)
            {
                http.Response.BodyWriter.Write(piece.Span);
            }

            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private sealed class EchoService : EchoInterface.EchoInterfaceBase
    {
        public override Task<EchoMessage> Echo(EchoMessage request, ServerCallContext context) => Task.FromResult(request);
    }
}
