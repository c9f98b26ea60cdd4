using OpenCue.Farm;

namespace OpenCue.Engine;

/// <summary>
/// Engine time: it runs with the machine's monotonic clock and goes on from the stored base after a load, so a change of the wall clock never moves
/// it, and time in which no server ran does not count.
/// </summary>
internal sealed class EngineClock(TimeProvider time)
{
    private Origin _origin = new(0, time.GetTimestamp());

    public FarmTime Now
    {
        get
        {
            var origin = Volatile.Read(ref _origin);
            return new FarmTime(
                origin.EngineMs + (long)time.GetElapsedTime(origin.Timestamp).TotalMilliseconds, time.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }

    /// <summary>Goes on from the time of the last batch stored; never back behind what this process has given out already.</summary>
    public void GoOnFrom(long engineMs) => Volatile.Write(ref _origin, new Origin(Math.Max(engineMs, Now.EngineMs), time.GetTimestamp()));

    private sealed record Origin(long EngineMs, long Timestamp);
}
