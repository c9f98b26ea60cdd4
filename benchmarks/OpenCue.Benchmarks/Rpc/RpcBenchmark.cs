using System.Buffers.Binary;
using System.Diagnostics;
using Google.Protobuf;
using OpenCue.Benchmarks.Protos;

namespace OpenCue.Benchmarks.Rpc;

/// <summary>
/// Unary calls of our gRPC server against a bare HTTP/2 handler of the same web server. Both run in one other process; the
/// same clients send the same bytes to both, in turns, so that whatever else the machine does meets both.
/// </summary>
internal sealed class RpcBenchmark : IBenchmark
{
    private const int Rounds = 10;

    private static readonly TimeSpan UsualWarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan UsualWindow = TimeSpan.FromSeconds(2);

    public string Name => "rpc";

    public string Summary => "unary gRPC calls per second against a bare Kestrel HTTP/2 POST handler that echoes the same bytes";

    public async Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var (warmUp, window) = (options.WarmUp(UsualWarmUp), options.Window(UsualWindow));
        using var server = StartServers();
        try
        {
            var ports = (await server.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The servers did not start."))
                .Split(' ');
            var message = Request();
            var body = Frame(message);
            using var bare = new RawLoad(new Uri($"http://127.0.0.1:{ports[0]}/"), "application/octet-stream", body);
            using var rpc = new RawLoad(new Uri($"http://127.0.0.1:{ports[1]}/bench.EchoInterface/Echo"), "application/grpc", body);
            using var client = new ClientLoad($"127.0.0.1:{ports[1]}", message);
            await bare.RunAsync(warmUp, cancellationToken);
            await rpc.RunAsync(warmUp, cancellationToken);
            await client.RunAsync(warmUp, cancellationToken);
            var bareRates = new List<double>();
            var rpcRates = new List<double>();
            var clientRates = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                bareRates.Add(await bare.RunAsync(window, cancellationToken));
                rpcRates.Add(await rpc.RunAsync(window, cancellationToken));
                clientRates.Add(await client.RunAsync(window, cancellationToken));
            }

            report.Remark($"{body.Length} bytes each way, {Load.Connections} connections, {Load.CallsPerConnection} calls at a time on each, {Rounds} windows of {window.TotalSeconds} s each, medians");
            report.Remark("clients and servers are two processes that share this machine; client_calls_per_second is the same through our own client");
            report.Figure("calls_per_second", Samples.Median(rpcRates), "calls/s");
            report.Figure("bare_calls_per_second", Samples.Median(bareRates), "calls/s");
            report.Figure("ratio", Samples.Median(rpcRates.Zip(bareRates, (ours, theirs) => ours / theirs)), "ratio");
            report.Figure("client_calls_per_second", Samples.Median(clientRates), "calls/s");
            report.Figure("peak_memory_mib", Machine.PeakMemoryMib(server.Id), "MiB");
        }
        finally
        {
            server.StandardInput.Close();
            await server.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static Process StartServers()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(RpcBenchmark).Assembly.Location, RpcServers.Role])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("The servers did not start.");
    }

    private static EchoMessage Request()
    {
        var message = new EchoMessage { Id = "0195a3b2-7c44-7d0e-9b1f-3f5a6c7d8e9f", Name = "show-shot-user_job_name_v042", Number = 123_456_789 };
        message.States.AddRange([1, 2, 3, 5]);
        return message;
    }

    private static byte[] Frame(EchoMessage message)
    {
        var payload = message.ToByteArray();
        var frame = new byte[5 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }
}
