namespace OpenCue.Simulator.Faults.World;

/// <summary>How far a render on a host is.</summary>
internal enum RenderState
{
    /// <summary>Accepted by the agent; no process yet, or its log is not open yet.</summary>
    Starting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It has ended.</summary>
    Ended,
}

/// <summary>One execution of a frame on a host: what really happens there, whatever agent and server believe.</summary>
internal sealed class Render
{
    /// <summary>The run.</summary>
    public required EntityId RunId { get; init; }

    /// <summary>Its frame.</summary>
    public required EntityId FrameId { get; init; }

    /// <summary>The launch message as it came.</summary>
    public required Protocol.RunFrame Order { get; init; }

    /// <summary>Where it is.</summary>
    public required SimHost Host { get; init; }

    /// <summary>Cores that it takes, core points.</summary>
    public int Cores => Order.NumCores;

    /// <summary>How far it is.</summary>
    public RenderState State { get; set; }

    /// <summary>True from the moment its processes run to the moment they have ended.</summary>
    public bool IsAlive { get; set; }

    /// <summary>True once it really ran.</summary>
    public bool HasRun { get; set; }

    /// <summary>When it started, virtual ms.</summary>
    public long StartedMs { get; set; }

    /// <summary>When it ended, virtual ms.</summary>
    public long EndedMs { get; set; }

    /// <summary>Somebody ordered it killed.</summary>
    public bool IsKilled { get; set; }

    /// <summary>True if an agent forgot it while it lived on: no server can learn of its end.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>True if its end was never reported, and never will be, by an agent that reports once or keeps it in memory.</summary>
    public bool IsCompletionLost { get; set; }

    /// <summary>Exit status, once it has ended.</summary>
    public int ExitStatus { get; set; }

    /// <summary>Exit signal, once it has ended.</summary>
    public int ExitSignal { get; set; }

    /// <summary>How long it took, seconds.</summary>
    public int RunSeconds => (int)Math.Max(0, (EndedMs - StartedMs) / 1000);

    /// <summary>True if it began before the server was started on an old copy of its database: that server can't know of it.</summary>
    public bool IsOfLostTime { get; set; }

    /// <summary>True once its supervisor wrote down how it ended.</summary>
    public bool EndWasWritten { get; set; }

    /// <summary>Changes with each plan for its end, so that older plans are void.</summary>
    public int EndPlan { get; set; }
}
