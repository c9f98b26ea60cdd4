using OpenCue.Farm;
using OpenCue.Farm.Changes;

namespace OpenCue.Engine;

/// <summary>
/// Work that the writer does at the end of a turn, after the commands: scheduling, chunks of bulk operations, stages of submissions. It runs on
/// the writer, in slices, and keeps its place from one slice to the next.
/// </summary>
/// <remarks>
/// What a step throws is undone like a command, logged, and the step rests for <see cref="EngineOptions.StepRest"/>. The same happens if the store
/// refuses what it made.
/// </remarks>
public interface IBatchStep
{
    /// <summary>Its name, for logs and metrics.</summary>
    string Name { get; }

    /// <summary>Does one slice of what there is to do.</summary>
    /// <param name="edit">The edit; time and actor are set (<see cref="Actor"/> of the step).</param>
    /// <param name="slice">When to stop, and how much has not been sent yet.</param>
    StepResult Run(FarmEdit edit, StepSlice slice);

    /// <summary>In whose name it acts.</summary>
    Actor Actor { get; }

    /// <summary>
    /// True if it does much that nobody waits for by the millisecond: then it fills a part of each batch only (<see cref="EngineOptions.PatientShare"/>),
    /// so that who comes while a batch commits finds room in the next, which commits soon.
    /// </summary>
    bool IsPatient => false;

    /// <summary>
    /// The farm is not what the step left: it was loaded, or batches were taken back that did not become durable. Whatever the step remembers of
    /// it must be found again. Called before the first slice and never during one.
    /// </summary>
    void OnFarmReplaced(FarmModel farm);
}

/// <summary>What a step says after a slice.</summary>
public enum StepResult
{
    /// <summary>Nothing left to do until something changes.</summary>
    Done,

    /// <summary>More to do at once: the writer comes again without waiting for commands, after readers had their turn.</summary>
    More,

    /// <summary>More to do, but not before sinks have taken effects or events: the writer comes again when some were, or when something changes.</summary>
    WaitForSinks,
}

/// <summary>Bounds of one slice.</summary>
public sealed class StepSlice
{
    private readonly TimeProvider? _time;
    private readonly Func<bool>? _isWaitedFor;
    private readonly Func<bool> _hasRoom;
    private readonly long _end;
    private readonly long _endIfWaitedFor;
    private int _looksLeft;

    internal StepSlice(
        TimeProvider time, TimeSpan length, TimeSpan lengthIfWaitedFor, Func<bool> isWaitedFor, Func<bool> hasRoom, SinkLoad load)
    {
        _time = time;
        _hasRoom = hasRoom;
        _isWaitedFor = isWaitedFor;
        var start = time.GetTimestamp();
        _end = start + (long)(length.TotalSeconds * time.TimestampFrequency);
        _endIfWaitedFor = start + (long)(lengthIfWaitedFor.TotalSeconds * time.TimestampFrequency);
        (UnsentEffects, AreEventsBehind) = load;
    }

    internal StepSlice(int looks, Func<bool> hasRoom, SinkLoad load)
    {
        _hasRoom = hasRoom;
        _looksLeft = looks;
        (UnsentEffects, AreEventsBehind) = load;
    }

    /// <summary>Effects that were asked for and have not been sent: still to be committed, handed over, or waiting in the sink.</summary>
    public int UnsentEffects { get; }

    /// <summary>
    /// True when more than half of the events that may wait for their sink do. A step that makes events by the thousand stops then, with
    /// <see cref="StepResult.WaitForSinks"/>, so that none is dropped.
    /// </summary>
    public bool AreEventsBehind { get; }

    /// <summary>
    /// True when the step must return: its time is over, or the open batch has as many rows as the step may give it. Ask between small pieces of work. When
    /// the engine is driven by hand, a fixed number of questions takes the place of the time, so that a run can be repeated exactly.
    /// </summary>
    public bool IsOver
    {
        get
        {
            if (!_hasRoom())
            {
                return true;
            }

            if (_time is null)
            {
                return --_looksLeft < 0;
            }

            var now = _time.GetTimestamp();
            return now >= _end || (now >= _endIfWaitedFor && _isWaitedFor!()); // Given together with the clock.
        }
    }
}

/// <summary>How far the sinks are behind when a slice begins.</summary>
/// <param name="UnsentEffects">Effects that have not been sent.</param>
/// <param name="AreEventsBehind">True when many events wait.</param>
internal readonly record struct SinkLoad(int UnsentEffects, bool AreEventsBehind);
