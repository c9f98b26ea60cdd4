using System.Collections.Concurrent;

namespace OpenCue.Cuebot.Reports;

/// <summary>Logs reports that can't be used: once in a while for each host, as a broken agent sends one every few seconds.</summary>
internal sealed partial class RefusalLog(TimeProvider time, ILogger<RefusalLog> logger)
{
    private const int MostHosts = 10_000;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, long> _loggedAt = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A report was not used.</summary>
    /// <param name="host">The name that the host gave.</param>
    /// <param name="peer">Where it came from.</param>
    /// <param name="reason">Why it can't be used, and what to do.</param>
    public void Note(string host, string peer, string reason)
    {
        var now = time.GetTimestamp();
        if (_loggedAt.Count >= MostHosts)
        {
            _loggedAt.Clear();
        }

        var known = _loggedAt.TryGetValue(host, out var last);
        if (!known || time.GetElapsedTime(last, now) >= Every)
        {
            _loggedAt[host] = now;
            LogUnusable(peer, reason);
        }
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Warning, Message = "A report from {Peer} is not used. {Reason}")]
    private partial void LogUnusable(string peer, string reason);
}
