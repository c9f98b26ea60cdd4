using OpenCue.Simulator.Faults.Plans;

namespace OpenCue.Simulator.Faults;

/// <summary>Many simulations, and their sums.</summary>
/// <param name="planOf">Makes the plan of a seed.</param>
/// <param name="keepLines">How many lines of each trace to keep.</param>
internal sealed class Campaign(Func<ulong, FaultPlan> planOf, int keepLines = 0)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ulong, FaultResult> _failures = [];

    /// <summary>Runs that broke a promise, by seed.</summary>
    public IReadOnlyCollection<FaultResult> Failures => _failures.Values;

    /// <summary>How often what happened.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>Seeds run.</summary>
    public int Seeds { get; private set; }

    /// <summary>Events run.</summary>
    public long Steps { get; private set; }

    /// <summary>Virtual time that passed in all of them.</summary>
    public long VirtualMs { get; private set; }

    /// <summary>The run that ended last.</summary>
    public FaultResult? Last { get; private set; }

    /// <summary>Runs seeds, several at the same time.</summary>
    public void Run(ulong first, int seeds, int jobs, Action<FaultResult> done, CancellationToken cancel)
    {
        var next = -1;
        var threads = new Thread[Math.Min(jobs, Math.Max(1, seeds))];
        Exception? failure = null;
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work, 16 << 20) { IsBackground = true, Name = $"simulation {i}" };
            threads[i].Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        if (failure is not null)
        {
            throw new InvalidOperationException($"The simulation itself failed: {failure.Message}", failure);
        }

        cancel.ThrowIfCancellationRequested();
        return;

        void Work()
        {
            try
            {
                while (!cancel.IsCancellationRequested && Volatile.Read(ref failure) is null && Interlocked.Increment(ref next) is var number && number < seeds)
                {
                    var result = FaultRun.Execute(planOf(first + (ulong)number), keepLines);
                    Add(result);
                    done(result);
                }
            }
            catch (Exception e)
            {
                Volatile.Write(ref failure, e);
            }
        }
    }

    private void Add(FaultResult result)
    {
        lock (_lock)
        {
            Seeds++;
            Steps += result.Steps;
            VirtualMs += result.EndedMs;
            Last = result;
            foreach (var (what, count) in result.Counts)
            {
                _counts[what] = _counts.GetValueOrDefault(what) + count;
            }

            if (result.Broken is not null)
            {
                _failures[result.Plan.Seed] = result;
            }
        }
    }
}
