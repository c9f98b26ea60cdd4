using System.Diagnostics;
using System.Globalization;

namespace OpenCue.Rpc.Tests;

/// <summary>Runs <c>Python/grpcio_client.py</c> and <c>grpcio_server.py</c>: a gRPC implementation that shares no line with ours.</summary>
internal static class Grpcio
{
    // Debian's own interpreter: another python3 on the path does not see Debian's packages.
    private const string Interpreter = "/usr/bin/python3";

    private static readonly Task<string> Stubs = MakeStubsAsync();

    public static async Task<string> RunAsync(string scenario, TestServer server, params string[] arguments)
    {
        var stubs = await Stubs;
        var (exitCode, output) = await RunProcessAsync(
            [Script("grpcio_client.py"), scenario, server.RpcPort.ToString(CultureInfo.InvariantCulture), .. arguments],
            stubs);
        Assert.True(exitCode == 0, $"grpcio's scenario \"{scenario}\" failed:\n{output}");
        return output;
    }

    /// <summary>Starts a server; disposing of it ends it.</summary>
    public static async Task<GrpcioServer> StartServerAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Interpreter, [Script("grpcio_server.py"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PYTHONPATH"] = await Stubs;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        var process = Process.Start(start)!;
        var port = await Eventually.Within(process.StandardOutput.ReadLineAsync());
        Assert.True(port is not null, "grpcio's server did not start; its message is above.");
        return new GrpcioServer(process, $"127.0.0.1:{port}");
    }

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Python", name);

    private static async Task<string> MakeStubsAsync()
    {
        var (exitCode, output) = await RunProcessAsync(["-c", "import grpc, grpc_tools"], null);
        Assert.True(
            exitCode == 0,
            $"These tests need Debian's grpcio: apt-get install python3-grpcio python3-grpc-tools (./test does that).\n{output}");
        var protos = Path.Combine(AppContext.BaseDirectory, "Protos");
        var stubs = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "PythonStubs")).FullName;
        (exitCode, output) = await RunProcessAsync(
            [
                "-m", "grpc_tools.protoc", "-I", protos, "--python_out", stubs, "--grpc_python_out", stubs,
                .. new[] { "testing.proto", "health.proto", "reflection.proto" }.Select(name => Path.Combine(protos, name)),
            ],
            null);
        Assert.True(exitCode == 0, $"grpc_tools could not make stubs:\n{output}");
        return stubs;
    }

    private static async Task<(int ExitCode, string Output)> RunProcessAsync(IEnumerable<string> arguments, string? pythonPath)
    {
        Assert.True(File.Exists(Interpreter), $"These tests need {Interpreter} with python3-grpcio and python3-grpc-tools.");
        var start = new ProcessStartInfo(Interpreter, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONPATH"] = pythonPath;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return (-1, "It did not end within two minutes.");
        }
    }
}

/// <summary>A running grpcio server.</summary>
internal sealed class GrpcioServer(Process process, string address) : IAsyncDisposable
{
    public string Address => address;

    public void Kill() => process.Kill();

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await Eventually.Within(process.WaitForExitAsync());
        process.Dispose();
    }
}
