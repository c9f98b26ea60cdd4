using Microsoft.Extensions.Logging;
using OpenCue.Engine.Commands;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Engine.Batches;

/// <summary>
/// The model with the batch that is open on it and the one that is on its way to the store. All ways in which the model moves forth and back are here;
/// the writer decides which, and holds the gate meanwhile.
/// </summary>
internal sealed partial class LiveFarm
{
    private readonly FarmEdit _edit;
    private readonly EngineClock _clock;
    private readonly TaskCreationOptions _continuations;
    private readonly EngineInstruments _instruments;
    private readonly ILogger _logger;

    public LiveFarm(
        FarmModel model, IdSource ids, long lastSequence, EngineClock clock, TaskCreationOptions continuations, EngineInstruments instruments, ILogger logger)
    {
        _edit = new FarmEdit(model, ids, lastSequence + 1);
        _clock = clock;
        _continuations = continuations;
        _instruments = instruments;
        _logger = logger;
        Open = new Batch(_edit.Sequence, continuations);
    }

    public FarmModel Model => _edit.Farm;

    /// <summary>The batch to which commands are applied.</summary>
    public Batch Open { get; private set; }

    /// <summary>The batch that was sealed and is not durable yet, as long as the model shows it.</summary>
    public Batch? Sealed { get; private set; }

    /// <summary>The batch that holds the newest changes the model shows; null if all it shows is durable.</summary>
    public Batch? Undurable => _edit.IsEmpty ? Sealed : Open;

    /// <summary>True while the store is away and the model shows only what is durable.</summary>
    public bool IsStale { get; set; }

    /// <summary>Number of the last batch the model shows something of.</summary>
    public long ShownSequence => _edit.IsEmpty ? _edit.Sequence - 1 : _edit.Sequence;

    /// <summary>True if something was done in the open batch, or somebody waits for it.</summary>
    public bool HasOpenWork => !_edit.IsEmpty || Open.Commands.Count > 0 || Open.Steps.Count > 0;

    /// <summary>Rows changed in the open batch.</summary>
    public int OpenRows => _edit.Size;

    /// <summary>Effects that the model's undurable batches ask for.</summary>
    public int UnsentEffects => _edit.EffectCount + (Sealed?.Changes?.Effects.Count ?? 0);

    /// <summary>Events of the model's undurable batches.</summary>
    public int UntoldEvents => _edit.EventCount + (Sealed?.Changes?.Events.Count ?? 0);

    /// <summary>
    /// Applies a command, unless its caller has given up. A refused one leaves no trace, but is answered with the batch like the others. One that comes
    /// upon frames that are away leaves no trace either, and waits again.
    /// </summary>
    public bool Apply(Command command, out FramesAwayException? away)
    {
        away = null;
        if (!command.TryTake())
        {
            return false;
        }

        var mark = _edit.Begin(_clock.Now, command.Actor);
        try
        {
            command.Apply(_edit);
        }
        catch (FramesAwayException need)
        {
            Undo(mark, need, command, null);
            command.PutBack();
            away = need;
            return false;
        }
        catch (FarmException refusal)
        {
            Undo(mark, refusal, command, null);
            command.Refuse(refusal);
            _instruments.CommandsRefused.Add(1);
            LogRefused(command.Name, command.Actor, refusal.Message);
        }
        catch (Exception defect)
        {
            Undo(mark, defect, command, null);
            command.Refuse(new CommandFailedException(
                $"{command.Name} failed in the server and changed nothing; the server's log says why: {defect.Message}", defect));
            _instruments.CommandsFailed.Add(1);
            LogFailed(defect, command.Name, command.Actor);
        }

        Open.Commands.Add(command);
        return true;
    }

    /// <summary>Runs a slice of a step. Null if it failed, or needs frames that are away: it left no trace then.</summary>
    public StepResult? Run(StepState state, StepSlice slice, out FramesAwayException? away)
    {
        away = null;
        var mark = _edit.Begin(_clock.Now, state.Step.Actor);
        try
        {
            var result = state.Step.Run(_edit, slice);
            if (_edit.Mark != mark)
            {
                Open.Steps.Add(state);
            }

            return result;
        }
        catch (FramesAwayException need)
        {
            Undo(mark, need, null, state);
            away = need;
            return null;
        }
        catch (Exception defect)
        {
            Undo(mark, defect, null, state);
            LogStepFailed(defect, state.Step.Name);
            return null;
        }
    }

    /// <summary>
    /// Seals the open batch, so that it can be stored, and opens the next. Null if there is nothing to store; the open batch stays open then.
    /// </summary>
    public Batch? Seal()
    {
        if (_edit.IsEmpty)
        {
            return null;
        }

        var batch = Open;
        batch.Changes = _edit.Take(_clock.Now, out var undo);
        batch.Undo = undo;
        Sealed = batch;
        Open = new Batch(_edit.Sequence, _continuations);
        return batch;
    }

    /// <summary>Closes an open batch that has nothing to store; only while no other is sealed. What its commands saw is durable.</summary>
    public Batch CloseEmpty()
    {
        _edit.Keep();
        var batch = Open;
        Open = new Batch(_edit.Sequence, _continuations);
        return batch;
    }

    /// <summary>The sealed batch is durable.</summary>
    public void Keep()
    {
        if (Sealed is { } batch)
        {
            _edit.Recycle(batch.Undo!); // A sealed batch has one.
            batch.Undo = null;
            Sealed = null;
        }
    }

    /// <summary>Undoes the open batch. Its commands wait again; they are returned in their order.</summary>
    public IReadOnlyList<Command> TakeBackOpen()
    {
        var batch = Open;
        Damages("The open batch", () => _edit.RollBack(default));
        Open = new Batch(_edit.Sequence, _continuations);
        batch.Settle(false);
        foreach (var command in batch.Commands)
        {
            command.PutBack();
        }

        return batch.Commands;
    }

    /// <summary>Undoes the sealed batch; the open one must have been taken back before. <see cref="PutIn"/> makes it again, unless others come.</summary>
    public void TakeOut()
    {
        var batch = Sealed!;
        Damages($"Batch {batch.Sequence}", () => _edit.Revert(batch.Undo!));
        Sealed = null;
        Open = new Batch(_edit.Sequence, _continuations);
        Model.Marks.Everything = true;
        batch.Settle(false);
    }

    /// <summary>Makes a batch again that was taken out and turned out to be durable.</summary>
    public void PutIn(Batch batch)
    {
        Damages($"Batch {batch.Sequence}", () => _edit.Reapply(batch.Undo!));
        Open = new Batch(_edit.Sequence, _continuations);
        Model.Marks.Everything = true;
    }

    private static void Damages(string what, Action change)
    {
        try
        {
            change();
        }
        catch (Exception e)
        {
            throw new FarmDamagedException(what, e);
        }
    }

    private void Undo(EditMark mark, Exception cause, Command? command, StepState? step)
    {
        try
        {
            _edit.RollBack(mark);
        }
        catch (Exception e)
        {
            throw new FarmDamagedException(command?.Name ?? step!.Step.Name, new AggregateException(cause, e)) { Command = command, Step = step };
        }
    }

    [LoggerMessage(EventId = 1101, Level = LogLevel.Debug, Message = "{Command} of {Actor} was refused: {Reason}")]
    private partial void LogRefused(string command, Actor actor, string reason);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Error, Message = "{Command} of {Actor} failed by a defect and was undone")]
    private partial void LogFailed(Exception defect, string command, Actor actor);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Error, Message = "The step {Step} failed by a defect and was undone; it rests")]
    private partial void LogStepFailed(Exception defect, string step);
}
