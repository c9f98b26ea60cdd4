namespace OpenCue.Engine.Batches;

/// <summary>
/// How many rows a batch may have so that its commit takes about as long as it should. Under load the open batch grows while the one before it commits; without
/// a bound each would be as big as the store could just take, and everybody would wait for the biggest. What the store needs for any commit at all is not
/// held against the rows: if that alone is long, bigger batches are better.
/// </summary>
internal sealed class CommitPace
{
    /// <summary>Below this many rows a commit's time says little about rows, and a batch is never bounded to less.</summary>
    private const int Least = 500;

    /// <summary>What most stores take in some 20 ms.</summary>
    private const int AtFirst = 3000;

    /// <summary>How many times as long as an empty commit a full one may take.</summary>
    private const int TimesFixed = 4;

    private const int Window = 64;
    private const double Weight = 0.2;

    private static readonly (double Ms, int Rows) None = (double.MaxValue, 0);

    private readonly double _targetMs;
    private readonly int _most;
    private double _rowsPerMs;
    private (double Ms, int Rows) _shortest = None;
    private (double Ms, int Rows) _shortestBefore = None;
    private int _seen;

    public CommitPace(TimeSpan target, int most)
    {
        _targetMs = target.TotalMilliseconds;
        _most = most;
        Room = Math.Min(most, AtFirst);
    }

    /// <summary>Rows that a batch may have.</summary>
    public int Room { get; private set; }

    /// <summary>A commit of so many rows took so long.</summary>
    public void OnCommitted(int rows, TimeSpan took)
    {
        var ms = took.TotalMilliseconds;
        if (ms <= 0)
        {
            return;
        }

        _shortest = ms < _shortest.Ms ? (ms, rows) : _shortest;
        if (++_seen % Window == 0)
        {
            (_shortestBefore, _shortest) = (_shortest, None);
        }

        if (rows < Least / 2)
        {
            return;
        }

        var rowsPerMs = rows / ms;
        _rowsPerMs = _rowsPerMs == 0 ? rowsPerMs : _rowsPerMs + (Weight * (rowsPerMs - _rowsPerMs));

        // What a commit of nothing takes shows in the shortest one of late, if that was small.
        var shortest = _shortest.Ms < _shortestBefore.Ms ? _shortest : _shortestBefore;
        var fixedMs = Math.Max(0, shortest.Ms - (shortest.Rows / _rowsPerMs));
        Room = (int)Math.Clamp(_rowsPerMs * Math.Max(_targetMs, TimesFixed * fixedMs), Least, _most);
    }
}
