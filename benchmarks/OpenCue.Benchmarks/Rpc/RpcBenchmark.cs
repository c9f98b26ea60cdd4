using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using OpenCue.Benchmarks.Protos;

namespace OpenCue.Benchmarks.Rpc;

/// <summary>
/// Unary calls of our gRPC server against a bare HTTP/2 handler of the same web server. Both run in one other process; the
/// same clients send the same bytes to both, in turns, so that whatever else the machine does meets both.
/// </summary>
internal sealed class RpcBenchmark : IBenchmark
{
    private const int Connections = 4;
    private const int CallsPerConnection = 16;
    private const int Rounds = 10;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    public string Name => "rpc";

    public string Summary => "unary gRPC calls per second against a bare Kestrel HTTP/2 POST handler that echoes the same bytes";

    public async Task RunAsync(Report report, CancellationToken cancellationToken)
    {
        using var server = StartServers();
        try
        {
            var ports = (await server.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The servers did not start."))
                .Split(' ');
            var body = Request();
            using var bare = new Load(new Uri($"http://127.0.0.1:{ports[0]}/"), "application/octet-stream", body);
            using var rpc = new Load(new Uri($"http://127.0.0.1:{ports[1]}/bench.EchoInterface/Echo"), "application/grpc", body);
            await bare.RunAsync(WarmUp, cancellationToken);
            await rpc.RunAsync(WarmUp, cancellationToken);
            var bareRates = new List<double>();
            var rpcRates = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                bareRates.Add(await bare.RunAsync(Window, cancellationToken));
                rpcRates.Add(await rpc.RunAsync(Window, cancellationToken));
            }

            report.Remark($"{body.Length} bytes each way, {Connections} connections, {CallsPerConnection} calls at a time on each, {Rounds} windows of {Window.TotalSeconds} s each, medians");
            report.Remark("clients and servers are two processes that share this machine");
            report.Figure("calls_per_second", Median(rpcRates), "calls/s");
            report.Figure("bare_calls_per_second", Median(bareRates), "calls/s");
            report.Figure("ratio", Median(rpcRates.Zip(bareRates, (ours, theirs) => ours / theirs)), "ratio");
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

    private static byte[] Request()
    {
        var message = new EchoMessage { Id = "0195a3b2-7c44-7d0e-9b1f-3f5a6c7d8e9f", Name = "show-shot-user_job_name_v042", Number = 123_456_789 };
        message.States.AddRange([1, 2, 3, 5]);
        var payload = message.ToByteArray();
        var frame = new byte[5 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>Clients that send one request after the other, as fast as they are answered.</summary>
    private sealed class Load(Uri uri, string contentType, byte[] body) : IDisposable
    {
        private readonly HttpMessageInvoker[] _connections =
        [
            .. Enumerable.Range(0, Connections).Select(_ => new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null })),
        ];

        /// <returns>Answers per second.</returns>
        public async Task<double> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
        {
            var started = Stopwatch.GetTimestamp();
            var counts = await Task.WhenAll(
                from connection in _connections
                from _ in Enumerable.Range(0, CallsPerConnection)
                select Task.Run(() => CallAsync(connection, started, duration, cancellationToken), cancellationToken));
            return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        public void Dispose()
        {
            foreach (var connection in _connections)
            {
                connection.Dispose();
            }
        }

        private async Task<long> CallAsync(HttpMessageInvoker connection, long started, TimeSpan duration, CancellationToken cancellationToken)
        {
            var type = MediaTypeHeaderValue.Parse(contentType);
            var answer = new byte[body.Length + 1];
            long count = 0;
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = type;
                using var request = new HttpRequestMessage(HttpMethod.Post, uri)
                {
                    Version = HttpVersion.Version20,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    Content = content,
                };
                using var response = await connection.SendAsync(request, cancellationToken);
                await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
                var length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, cancellationToken);
                if (!answer.AsSpan(0, length).SequenceEqual(body))
                {
                    throw new InvalidOperationException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{uri} answered HTTP {(int)response.StatusCode} with {length} bytes that are not those sent."));
                }

                count++;
            }

            return count;
        }
    }
}
