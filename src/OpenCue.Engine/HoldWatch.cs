using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace OpenCue.Engine;

/// <summary>Finds out who holds the model for too long: counts each time, and logs each name once a minute.</summary>
internal sealed partial class HoldWatch(string kind, TimeSpan allowed, TimeProvider time, Histogram<double>? hold, Counter<long> overHeld, ILogger logger)
{
    /// <summary>So many times what is allowed is worth a person's look; less is what a busy machine or a first call does, and is counted.</summary>
    private const int WorthAWarning = 20;

    private readonly Dictionary<string, long> _warnedAt = [];

    public void OnHeld(string name, TimeSpan held)
    {
        hold?.Record(held.TotalMilliseconds);
        if (held <= allowed)
        {
            return;
        }

        overHeld.Add(1, new KeyValuePair<string, object?>("name", name));
        if (held < allowed * WorthAWarning)
        {
            return;
        }

        lock (_warnedAt)
        {
            if (_warnedAt.TryGetValue(name, out var last) && time.GetElapsedTime(last) < TimeSpan.FromMinutes(1))
            {
                return;
            }

            // Names come from the code; a bound all the same, in case somebody makes them up.
            if (_warnedAt.Count > 1000)
            {
                _warnedAt.Clear();
            }

            _warnedAt[name] = time.GetTimestamp();
        }

        LogOverHeld(kind, name, held.TotalMilliseconds, allowed.TotalMilliseconds);
    }

    [LoggerMessage(EventId = 1130, Level = LogLevel.Warning,
        Message = "The {Kind} {Name} held the farm for {Held:0.0} ms; {Allowed:0.0} ms are allowed. It should do less at a time")]
    private partial void LogOverHeld(string kind, string name, double held, double allowed);
}
