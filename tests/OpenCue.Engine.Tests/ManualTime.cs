namespace OpenCue.Engine.Tests;

/// <summary>A clock that the test moves: the monotonic and the wall clock each by itself.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks = 1_000_000;
    private DateTimeOffset _wall = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => _wall;

    public void Advance(TimeSpan by)
    {
        _ticks += by.Ticks;
        _wall += by;
    }

    public void SetWall(DateTimeOffset wall) => _wall = wall;
}
