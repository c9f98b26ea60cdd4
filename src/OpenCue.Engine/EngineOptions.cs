using OpenCue.Farm;

namespace OpenCue.Engine;

/// <summary>How an engine works.</summary>
public sealed record EngineOptions
{
    /// <summary>Who it is, for people who look at the store's lease: host name and process.</summary>
    public string Owner { get; init; } = "cuebot";

    /// <summary>
    /// Seed of ids and random numbers. A server takes it from the operating system's random source, a simulation from its own; two engines on one store
    /// must not have the same, or ids come twice.
    /// </summary>
    public required ulong Seed { get; init; }

    /// <summary>Settings of the rules.</summary>
    public FarmSettings Farm { get; init; } = new();

    /// <summary>How long the writer applies commands before steps and readers get their turn.</summary>
    public TimeSpan TurnTime { get; init; } = TimeSpan.FromMilliseconds(3);

    /// <summary>Most commands in one turn.</summary>
    public int TurnCommands { get; init; } = 4096;

    /// <summary>How long one slice of a step may take.</summary>
    public TimeSpan StepTime { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long it may take when somebody waits for the open batch and the store is free to take it.</summary>
    public TimeSpan StepTimeIfWaitedFor { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>How often a step may ask whether its slice is over when the engine is driven by hand.</summary>
    public int StepLooks { get; init; } = 1000;

    /// <summary>How long a step rests after it failed.</summary>
    public TimeSpan StepRest { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Rows that may be changed in a batch at most; when it has so many, the writer waits for the store.</summary>
    public int BatchRows { get; init; } = 20_000;

    /// <summary>
    /// How long a commit should take at most, about: a batch gets no more rows than the store has shown to commit in that time. Where the disk alone takes
    /// long, it is exceeded.
    /// </summary>
    public TimeSpan CommitTarget { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Part of a batch's rows that steps which are patient may fill (<see cref="IBatchStep.IsPatient"/>).</summary>
    public double PatientShare { get; init; } = 0.25;

    /// <summary>Commands that may be in a batch.</summary>
    public int BatchCommands { get; init; } = 20_000;

    /// <summary>User actions that may wait; more are refused.</summary>
    public int UserActionsWaiting { get; init; } = 10_000;

    /// <summary>Reports that may wait; beyond it, reports that a later one replaces anyhow are dropped.</summary>
    public int ReportsWaiting { get; init; } = 200_000;

    /// <summary>How long frames of a finished job that were fetched from the store stay in memory.</summary>
    public TimeSpan FetchedFramesStay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long they stay at least, however many there are: whoever waits for them must find them.</summary>
    public TimeSpan FetchedFramesStayAtLeast { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Jobs whose frames are read from the store at the same time; more wait.</summary>
    public int FrameReads { get; init; } = 4;

    /// <summary>When more such frames are in memory than this, those that came first go earlier.</summary>
    public int FetchedFramesMost { get; init; } = 500_000;

    /// <summary>Queries that read at the same time; more wait.</summary>
    public int ParallelQueries { get; init; } = Math.Max(4, 2 * Environment.ProcessorCount);

    /// <summary>How long a query may hold the model. A longer one is counted and logged.</summary>
    public TimeSpan QueryHold { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How long a command may hold the model. A longer one is counted and logged.</summary>
    public TimeSpan CommandHold { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>First wait before a commit is tried again; each further one is twice as long. The first retry comes at once.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait before a commit is tried again.</summary>
    public TimeSpan RetryLongest { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>When a commit takes longer than this, the store counts as away.</summary>
    public TimeSpan StallAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Effects, and events, that may wait for their sink. When there are more, they are dropped and the sink is told.</summary>
    public int SinkBacklog { get; init; } = 100_000;
}
