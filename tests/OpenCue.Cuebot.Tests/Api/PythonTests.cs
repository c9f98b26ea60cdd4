using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Cuebot.Launching;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Engine.Sinks;
using OpenCue.Engine.Storing;
using OpenCue.Rpc.Server;
using OpenCue.Storage.Sqlite;

namespace OpenCue.Cuebot.Tests.Api;

/// <summary>A foreign gRPC implementation, Python's grpcio, calls every implemented method, and is the agent of a host besides.</summary>
public sealed class PythonTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opencue-api-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task Every_implemented_method_answers_grpcio_as_it_should(string kind)
    {
        await using IFarmStore store = kind == "memory"
            ? new MemoryStore()
            : new SqliteFarmStore(Path.Combine(_folder, "cue.db"), TimeProvider.System, NullLogger<SqliteFarmStore>.Instance);
        await using var server = await TestServer.StartAsync(
            store,
            new() { LogRoot = Path.Combine(_folder, "logs") },
            services => services.AddSingleton<IEffectSink>(provider => provider.GetRequiredService<Launcher>()));

        var output = await Python.RunWithStubsAsync("api_calls.py", server.Grpc["http://".Length..]);

        var implemented = server.Parts.GetRequiredService<RpcServer>().Methods
            .Where(method => method.IsImplemented && !method.ServiceName.StartsWith("grpc.", StringComparison.Ordinal))
            .Select(method => method.FullName);
        Assert.Equal(implemented.Order(StringComparer.Ordinal), output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }
}
