using OpenCue.Rqd.Journal;
using OpenCue.Rqd.Machine;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Frames;

/// <summary>A run that cuebot is owed an answer about.</summary>
/// <remarks><see cref="RunTable"/> changes the state; everything else is written by who holds the gate, or once.</remarks>
internal sealed class Run(RunRecord record, RunFile file, bool gateIsOpen)
{
    private long _logUpdatedAt;
    private volatile RunUsage _usage = RunUsage.None;

    /// <summary>A run of an agent before this one, as the journal and the run file have it.</summary>
    public static Run Recovered(JournaledRun known, RunFile file)
    {
        var (rss, pss, vsize) = file.ReadPeakMemory();
        return new Run(known.Record, file, gateIsOpen: true)
        {
            State = known.End is null ? RunState.Running : RunState.Ended,
            Kill = known.Kill,
            End = known.End,
            Usage = RunUsage.None with { MaxRssKib = rss, MaxPssKib = pss, MaxVsizeKib = vsize },
        };
    }

    public RunRecord Record => record;

    public string Key => record.Key;

    public RunFile File => file;

    /// <summary>Starting and killing one run wait for each other, so that a kill never falls between two steps of a start.
    /// It is closed for a new run until its supervisor was started. Never disposed: who waits for it may be late, and it holds nothing.</summary>
    public SemaphoreSlim Gate { get; } = new(gateIsOpen ? 1 : 0, 1);

    public RunState State { get; set; }

    /// <summary>Null while there is none.</summary>
    public ProcessIdentity? Supervisor { get; set; }

    public KillOrder? Kill { get; set; }

    /// <summary>Set together with <see cref="RunState.Ended"/>.</summary>
    public RunEnd? End { get; set; }

    /// <summary>When the log last grew, epoch seconds; 0 if it is not there.</summary>
    public long LogUpdatedAt
    {
        get => Interlocked.Read(ref _logUpdatedAt);
        set => Interlocked.Exchange(ref _logUpdatedAt, value);
    }

    public RunUsage Usage
    {
        get => _usage;
        set => _usage = value;
    }

    /// <summary>The processes of the frame when they were last looked at, to find those again that got away.</summary>
    public IReadOnlyList<ProcessIdentity> LastProcesses { get; set; } = [];
}
