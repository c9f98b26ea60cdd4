using OpenCue.Simulator.Traces;

namespace OpenCue.Simulator.Running;

/// <summary>A job of the trace on the simulated farm.</summary>
internal sealed class SimJob(TraceJob trace, long submittedMs)
{
    /// <summary>The job.</summary>
    public TraceJob Trace { get; } = trace;

    /// <summary>When it was submitted.</summary>
    public long SubmittedMs { get; } = submittedMs;

    /// <summary>When it was done; null as long as it is not.</summary>
    public long? FinishedMs { get; set; }
}

/// <summary>A layer of such a job.</summary>
internal sealed class SimLayer(SimJob job, TraceLayer trace)
{
    /// <summary>Its job.</summary>
    public SimJob Job { get; } = job;

    /// <summary>The layer.</summary>
    public TraceLayer Trace { get; } = trace;

    /// <summary>How often each frame has begun.</summary>
    public byte[] Tries { get; } = new byte[trace.Frames.Count];

    /// <summary>The run of the trace that a frame takes with its n-th try, from 0; those beyond the recorded ones are like the last.</summary>
    public TraceRun RunOf(int ordinal, int attempt)
    {
        var runs = Trace.Frames[ordinal];
        return runs[Math.Min(attempt, runs.Count - 1)];
    }

    /// <summary>Whether the trace has a further try of the frame.</summary>
    public bool HasTryAfter(int ordinal, int attempt) => attempt + 1 < Trace.Frames[ordinal].Count;
}

/// <summary>A frame that runs on a simulated host.</summary>
internal sealed class SimRun
{
    /// <summary>Its run id.</summary>
    public required EntityId Id { get; init; }

    /// <summary>Its frame.</summary>
    public required EntityId FrameId { get; init; }

    /// <summary>Its layer.</summary>
    public required SimLayer Layer { get; init; }

    /// <summary>The frame's ordinal in the layer.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Which try of the frame it is, from 0.</summary>
    public required int Attempt { get; init; }

    /// <summary>Where it runs.</summary>
    public required SimHost Host { get; init; }

    /// <summary>What it reserved.</summary>
    public required Resources Reserved { get; init; }

    /// <summary>When it began.</summary>
    public required long StartedMs { get; init; }

    /// <summary>When it ends by itself.</summary>
    public required long EndsMs { get; init; }

    /// <summary>The signal that ended it before, if one did.</summary>
    public int KilledBy { get; set; }

    /// <summary>True once it has ended.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Resident memory: it grows evenly for the first half of the run, and stays.</summary>
    public long RssKib(long nowMs)
    {
        var peak = Layer.RunOf(Ordinal, Attempt).PeakKib;
        var half = Math.Max(1, (EndsMs - StartedMs) / 2);
        return nowMs - StartedMs >= half ? peak : peak * (nowMs - StartedMs) / half;
    }
}
