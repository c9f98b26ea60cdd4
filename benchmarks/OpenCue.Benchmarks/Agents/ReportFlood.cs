using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using OpenCue.Protocol.Reports;

namespace OpenCue.Benchmarks.Agents;

/// <summary>
/// All hosts' reports of what they run, sent one after the other as fast as they are answered. Their bytes are made before: what is measured is what takes
/// them, not what makes them.
/// </summary>
internal sealed class ReportFlood : IDisposable
{
    private const int Variants = 2;

    private static readonly MediaTypeHeaderValue s_grpc = MediaTypeHeaderValue.Parse("application/grpc");

    private readonly Uri _uri;
    private readonly byte[][] _reports;
    private readonly HttpMessageInvoker[] _connections;
    private long _next;
    private long _answered;
    private long _failed;

    /// <summary>A flood of the reports of these agents.</summary>
    /// <param name="cuebot">The server's address.</param>
    /// <param name="agents">Who reports.</param>
    /// <param name="connections">Over how many connections; those of real hosts each have their own.</param>
    public ReportFlood(string cuebot, IReadOnlyList<Agent> agents, int connections)
    {
        _uri = new Uri(new Uri(cuebot.Contains("://", StringComparison.Ordinal) ? cuebot : "http://" + cuebot), "/report.RqdReportInterface/ReportStatus");
        _reports = [.. Enumerable.Range(0, Variants).SelectMany(variant => agents.Select(agent => Frame(agent.StatusReport(variant * 512))))];
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null }))];
    }

    /// <summary>The mean size of a report, bytes.</summary>
    public double MeanBytes => _reports.Average(report => (double)report.Length);

    /// <summary>Sends reports for a while.</summary>
    /// <param name="duration">For how long.</param>
    /// <param name="atOnce">How many are under way at once.</param>
    /// <param name="perSecond">At most so many per second; 0: as many as are answered.</param>
    /// <returns>Reports answered, and failed, per second.</returns>
    public async Task<(double Answered, long Failed)> RunAsync(TimeSpan duration, int atOnce, int perSecond)
    {
        (_answered, _failed, var first) = (0, 0, _next);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(worker => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < duration)
            {
                var number = Interlocked.Increment(ref _next) - 1;
                if (perSecond > 0 && TimeSpan.FromSeconds((double)(number - first) / perSecond) - elapsed is { TotalMilliseconds: > 1 } early)
                {
                    await Task.Delay(early);
                }

                await SendAsync(_connections[worker % _connections.Length], _reports[number % _reports.Length]);
            }
        })));
        return (_answered / Stopwatch.GetElapsedTime(started).TotalSeconds, _failed);
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_connections, connection => connection.Dispose());

    private async Task SendAsync(HttpMessageInvoker connection, byte[] report)
    {
        using var content = new ByteArrayContent(report);
        content.Headers.ContentType = s_grpc;
        using var request = new HttpRequestMessage(HttpMethod.Post, _uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        try
        {
            using var response = await connection.SendAsync(request, CancellationToken.None);
            await response.Content.CopyToAsync(Stream.Null);
            var taken = response.TrailingHeaders.TryGetValues("grpc-status", out var status) && status.Single() == "0";
            Interlocked.Increment(ref taken ? ref _answered : ref _failed);
        }
        catch (HttpRequestException)
        {
            Interlocked.Increment(ref _failed);
        }
    }

    private static byte[] Frame(RqdReportStatusRequest message)
    {
        var size = message.CalculateSize();
        var frame = new byte[5 + size];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), size);
        message.WriteTo(frame.AsSpan(5));
        return frame;
    }
}
