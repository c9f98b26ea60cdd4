using Grpc.Core;

namespace OpenCue.Benchmarks.Agents;

/// <summary>What the agents see while it is measured.</summary>
internal sealed class AgentsWindow
{
    private readonly Lock _lock = new();
    private readonly List<double> _turnarounds = [];
    private readonly List<double> _answers = [];
    private string? _failure;
    private int _failures;
    private long _started;

    /// <summary>Launches so far.</summary>
    public long Launches => Interlocked.Read(ref _started);

    /// <summary>A frame was launched.</summary>
    public void Started() => Interlocked.Increment(ref _started);

    /// <summary>A place that came free got its next launch.</summary>
    public void Launched(TimeSpan turnaround)
    {
        lock (_lock)
        {
            _turnarounds.Add(turnaround.TotalMilliseconds);
        }
    }

    /// <summary>The server has taken a completion.</summary>
    public void Acknowledged(TimeSpan took)
    {
        lock (_lock)
        {
            _answers.Add(took.TotalMilliseconds);
        }
    }

    /// <summary>The server has not taken a report.</summary>
    public void Failed(RpcException failure)
    {
        lock (_lock)
        {
            _failures++;
            _failure ??= failure.Message;
        }
    }

    /// <summary>What was seen.</summary>
    public AgentsResult Result(TimeSpan duration)
    {
        lock (_lock)
        {
            return new AgentsResult(duration.TotalSeconds, Interlocked.Read(ref _started), [.. _turnarounds], [.. _answers], _failures, _failure);
        }
    }
}

/// <summary>What the agents saw.</summary>
/// <param name="Seconds">For how long they were measured.</param>
/// <param name="Launches">Launches taken.</param>
/// <param name="TurnaroundMs">From sending a completion to the next launch in its place, each.</param>
/// <param name="AnswerMs">From sending a completion to its answer, each.</param>
/// <param name="Failures">Reports that were not taken.</param>
/// <param name="FirstFailure">Why the first of them was not.</param>
internal sealed record AgentsResult(
    double Seconds, long Launches, IReadOnlyList<double> TurnaroundMs, IReadOnlyList<double> AnswerMs, int Failures, string? FirstFailure);
