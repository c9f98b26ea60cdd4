using OpenCue.Engine.Batches;
using OpenCue.Engine.Commands;
using OpenCue.Engine.Sinks;
using OpenCue.Farm;
using OpenCue.Farm.Changes;

namespace OpenCue.Engine;

/// <summary>
/// The one writer: a state machine that goes on by <see cref="Step"/>, called by the engine's thread or, when driven by hand, by a test or simulation.
/// Everything that decides is on the writer; other threads only queue commands, finish commits and read.
/// </summary>
internal sealed partial class FarmWriter : IDisposable
{
    private static readonly TimeSpan GateTurn = TimeSpan.FromMilliseconds(1);

    private readonly EngineCore _core;
    private readonly EngineParts _parts;
    private readonly bool _byHand;
    private readonly StepState[] _steps;
    private readonly Isolation _isolation = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenSource _givenUp = new();
    private readonly HoldWatch _watch;
    private readonly CommitPace _pace;
    private readonly Func<Command, bool> _apply;
    private readonly Func<double> _elapsed;
    private readonly Func<bool> _hasRoom;
    private readonly Func<bool> _hasRoomInSlice;
    private readonly Func<bool> _isOpenWaitedFor;
    private LiveFarm? _live;
    private long _turnStart;
    private long _enteredAt;
    private int _rowsBeforeStep;
    private volatile bool _sinksMoved;
    private volatile bool _stopping;
    private volatile bool _over;

    public FarmWriter(EngineCore core, EngineParts parts, bool byHand)
    {
        _core = core;
        _logger = core.Logger;
        _parts = parts;
        _byHand = byHand;
        _steps = [.. parts.Steps.Select(s => new StepState(s))];
        Effects = parts.Effects is not { } effects ? null : new Pump<Effect>(
            "effects",
            core.Options.SinkBacklog,
            (d, cancel) => effects.DeliverAsync(new EffectBatch(d.Sequence, d.Time, d.Items, d.Lost), cancel),
            core.Instruments,
            core.Logger);
        Events = parts.Events is not { } events ? null : new Pump<FarmEvent>(
            "events",
            core.Options.SinkBacklog,
            (d, cancel) => events.DeliverAsync(new EventBatch(d.Sequence, d.Time, d.Items, d.Lost), cancel),
            core.Instruments,
            core.Logger)
        {
            IsWanted = what => events.Wants(what.Kind),
        };
        _apply = Apply;
        _pace = new CommitPace(core.Options.CommitTarget, core.Options.BatchRows);
        _watch = new HoldWatch("command", core.Options.CommandHold, core.Time, null, core.Instruments.CommandsOverHeld, core.Logger);
        _elapsed = byHand ? () => 0 : () => core.Time.GetElapsedTime(_turnStart) / core.Options.TurnTime;
        _hasRoom = HasRoom;
        _hasRoomInSlice = HasRoomInSlice;
        _isOpenWaitedFor = IsOpenWaitedFor;
        core.Gate.Continuations = core.Pager.Continuations = byHand ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously;
        _prepare = NewPreparation(isNewFarm: false);
    }

    public Pump<Effect>? Effects { get; }

    public Pump<FarmEvent>? Events { get; }

    /// <summary>Fires when it is told to end at once.</summary>
    public CancellationToken GivenUp => _givenUp.Token;

    /// <summary>True when the writer has ended; the status says why.</summary>
    public bool IsOver => _over;

    /// <summary>When <see cref="Step"/> has to be called even if nothing happens; null: never.</summary>
    public TimeSpan? NextWake
    {
        get
        {
            TimeSpan? next = null;
            if (_commit is { } commit)
            {
                next = commit.State switch
                {
                    CommitState.Sent when !commit.IsTakenOut => _core.Options.StallAfter - _core.Time.GetElapsedTime(commit.SentAt),
                    CommitState.Failed => BackOff(commit) - _core.Time.GetElapsedTime(commit.FailedAt),
                    _ => null,
                };
            }
            else if (_live is null && _load is null)
            {
                next = TimeUntil(_loadAgainAt);
            }

            if (_core.Pager.NextRetry is { } retry && (next is null || retry < next))
            {
                next = retry;
            }

            foreach (var step in _steps)
            {
                if (step.IsDue && step.RestsUntil != 0 && TimeUntil(step.RestsUntil) is var rest && (next is null || rest < next))
                {
                    next = rest;
                }
            }

            return next < TimeSpan.Zero ? TimeSpan.Zero : next;
        }
    }

    /// <summary>
    /// Goes one step on: looks what became of the commit, applies what waits, runs steps, sends the batch to the store. True if there is more to do at
    /// once; otherwise the next signal says when, or <see cref="NextWake"/>.
    /// </summary>
    public bool Step()
    {
        if (IsOver)
        {
            return false;
        }

        if (_givenUp.IsCancellationRequested)
        {
            End(EngineState.Stopped, "It was told to stop before everything was stored.");
            return false;
        }

        LookAtCommit();
        LookAtLoad();
        LookAtFrames();
        var more = TakeTurn();
        if (_byHand)
        {
            LookAtCommit();
        }

        LookAtPreparation();
        if (_byHand)
        {
            if ((Effects?.DeliverNow() ?? false) | (Events?.DeliverNow() ?? false))
            {
                _sinksMoved = true;
            }
        }

        if (_stopping && !IsOver && NothingLeft())
        {
            End(EngineState.Stopped, null);
        }

        return (more || CanGoOn()) && !IsOver;
    }

    /// <summary>Lets the writer end when everything accepted is durable.</summary>
    public void Stop()
    {
        _stopping = true;
        _core.Signal.Set();
    }

    /// <summary>Lets the writer end now. Who waits is told that the outcome is unknown.</summary>
    public void Abort()
    {
        _givenUp.Cancel();
        _abort.Cancel();
        _core.Signal.Set();
    }

    /// <summary>A sink took a batch, or one that nobody wants to hear of is durable: steps that waited for that go on.</summary>
    public void OnSinkMoved()
    {
        _sinksMoved = true;
        _core.Signal.Set();
    }

    public void Dispose()
    {
        _abort.Dispose();
        _givenUp.Dispose();
    }

    /// <summary>Takes the model from the readers, when they are out.</summary>
    private void EnterGate()
    {
        _enteredAt = _core.Time.GetTimestamp();
        _core.Gate.EnterWrite();
    }

    /// <summary>Gives the model to the readers, and notes how long nobody else could do anything with it: the wait for readers is part of that.</summary>
    private void ExitGate()
    {
        _core.Gate.ExitWrite();
        var pause = _core.Time.GetElapsedTime(_enteredAt);
        _core.Pauses.Record(pause);
        _core.Instruments.WriterPause.Record(pause.TotalMilliseconds);
    }

    private bool HasRoom() =>
        _live!.OpenRows < _pace.Room && _live.Open.Commands.Count < _core.Options.BatchCommands; // Only asked with a farm.

    /// <summary>
    /// True if the step may begin. If patient ones could fill a batch, who comes while another commits would wait for two commits before his own; and the less
    /// they put into each, the sooner it is over. Only their own rows count, so that others can't starve them.
    /// </summary>
    private bool HasRoom(StepState step) => HasRoom() && (!step.Step.IsPatient || _live!.Open.PatientRows < _pace.Room * _core.Options.PatientShare);

    /// <summary>True if the patient step that runs may go on.</summary>
    private bool HasRoomInSlice() =>
        HasRoom() && _live!.Open.PatientRows + _live.OpenRows - _rowsBeforeStep < _pace.Room * _core.Options.PatientShare; // Only asked with a farm.

    /// <summary>True if somebody waits for the open batch, and nothing but the writer keeps it from the store.</summary>
    private bool IsOpenWaitedFor() => _live!.Open.Commands.Count > 0 && _commit is null or { State: CommitState.Durable }; // Only asked with a farm.

    /// <summary>True if commands may be applied and steps run.</summary>
    private bool MayChange() => _live is not null && _commit is not { IsTakenOut: true } && HasRoom();

    /// <summary>True while trials are made: then nothing else is applied, and each waits for its commit.</summary>
    private bool IsOnTrial => _isolation.IsActive || _commit is { Batch.IsTrial: true };

    private bool CanGoOn() =>
        (_live is not null && _core.Pager.HasNews) || (MayChange() && _prepared && (IsOnTrial ? _commit is null : !_core.Feed.IsEmpty || AnyStepToRun()));

    private bool AnyStepToRun()
    {
        foreach (var step in _steps)
        {
            if (IsToRun(step))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsToRun(StepState step)
    {
        if (step.RestsUntil != 0 && TimeUntil(step.RestsUntil) <= TimeSpan.Zero)
        {
            step.RestsUntil = 0;
        }

        return step is { IsDue: true, RestsUntil: 0 } && !_stopping && HasRoom(step);
    }

    /// <summary>One turn: commands, steps, and the batch goes to the store if it is free. True if something was done.</summary>
    private bool TakeTurn()
    {
        if (_live is null)
        {
            return false;
        }

        if (_sinksMoved)
        {
            _sinksMoved = false;
            foreach (var step in _steps)
            {
                step.IsDue |= step.WaitsForSinks;
                step.WaitsForSinks = false;
            }
        }

        var change = MayChange() && (!_prepared ? _prepare.IsWaiting : CanGoOn());
        var seal = _commit is null && _live.HasOpenWork;
        if (!change && !seal)
        {
            return false;
        }

        Batch? closed = null;
        EnterGate();
        try
        {
            if (change)
            {
                Change();
                _parts.Check?.Invoke(_live.Model);
            }

            if (_commit is null)
            {
                closed = SealOrClose();
            }
        }
        catch (FarmDamagedException damage)
        {
            OnDamaged(damage);
        }
        finally
        {
            ExitGate();
        }

        if (closed is not null)
        {
            Answer(closed);
        }
        else if (_commit is { Attempts: 0 })
        {
            Send();
        }

        return change;
    }

    private void Change()
    {
        _turnStart = _core.Time.GetTimestamp();
        LetFramesGo();
        if (!_prepared)
        {
            Apply(_prepare);
        }
        else if (IsOnTrial)
        {
            Try(_isolation.Next());
        }
        else
        {
            if (_core.Feed.Drain(_apply, _core.Options.TurnCommands, _elapsed, _hasRoom) > 0)
            {
                foreach (var step in _steps)
                {
                    step.IsDue = true;
                }
            }

            _core.Instruments.TurnDuration.Record(_core.Time.GetElapsedTime(_turnStart).TotalMilliseconds);
            RunSteps();
        }
    }

    private bool Apply(Command command)
    {
        var start = _core.Time.GetTimestamp();
        var applied = _live!.Apply(command, out var away); // Only called in a turn, which there is only with a farm.
        if (away is not null && !_core.Pager.TryPark(away, command))
        {
            command.Fail(new FarmException(
                Refusal.ResourceExhausted,
                $"{_core.Options.UserActionsWaiting} actions wait for frames of finished jobs already; the server is overloaded. Try again in a moment."));
        }

        _watch.OnHeld(command.Name, _core.Time.GetElapsedTime(start));
        return applied;
    }

    private void RunSteps()
    {
        var heldSince = _turnStart;
        foreach (var step in _steps)
        {
            if (!IsToRun(step))
            {
                continue;
            }

            if (!_byHand && _core.Time.GetElapsedTime(heldSince) > GateTurn)
            {
                ExitGate();
                EnterGate();
                heldSince = _core.Time.GetTimestamp();
            }

            RunStep(step);
        }
    }

    private void RunStep(StepState step)
    {
        var load = new SinkLoad(
            _live!.UnsentEffects + (Effects?.Depth ?? 0) + (_parts.Effects?.Backlog ?? 0),
            Events is { } events && _live.UntoldEvents + events.Depth > _core.Options.SinkBacklog / 2);
        var hasRoom = step.Step.IsPatient ? _hasRoomInSlice : _hasRoom;
        var slice = _byHand
            ? new StepSlice(_core.Options.StepLooks, hasRoom, load)
            : new StepSlice(_core.Time, _core.Options.StepTime, _core.Options.StepTimeIfWaitedFor, _isOpenWaitedFor, hasRoom, load);
        _rowsBeforeStep = _live.OpenRows;
        var start = _core.Time.GetTimestamp();
        var result = _live.Run(step, slice, out var away);
        _live.Open.PatientRows += step.Step.IsPatient ? _live.OpenRows - _rowsBeforeStep : 0;
        if (_core.Instruments.StepDuration.Enabled)
        {
            _core.Instruments.StepDuration.Record(
                _core.Time.GetElapsedTime(start).TotalMilliseconds, new KeyValuePair<string, object?>("step", step.Step.Name));
        }

        if (away is not null)
        {
            _core.Pager.Park(away, step);
            step.IsDue = false;
            return;
        }

        step.IsDue = result is StepResult.More or null;
        step.WaitsForSinks = result is StepResult.WaitForSinks;
        if (result is null)
        {
            Rest(step);
        }
    }

    private void Rest(StepState step)
    {
        step.IsDue = true;
        step.RestsUntil = Math.Max(1, In(_core.Options.StepRest));
    }

    private void Try(ArraySegment<TrialUnit> units)
    {
        _live!.Open.IsTrial = true;
        foreach (var unit in units)
        {
            if (unit.Command is { } command)
            {
                Apply(command);
            }
            else
            {
                RunStep(unit.Step!); // A unit is one or the other.
            }
        }
    }

    /// <summary>The farm is not what the steps left.</summary>
    private void TellSteps()
    {
        foreach (var step in _steps)
        {
            step.Step.OnFarmReplaced(_live!.Model);
            step.IsDue = true;
            step.WaitsForSinks = false;
        }

        _parts.Check?.Invoke(_live!.Model);
    }

    private bool NothingLeft() =>
        _commit is null && !_isolation.IsActive && !_core.Pager.IsWaitedFor && (_live is null || (!_live.HasOpenWork && _core.Feed.IsEmpty));

    private long In(TimeSpan span) => _core.Time.GetTimestamp() + (long)(span.TotalSeconds * _core.Time.TimestampFrequency);

    private TimeSpan TimeUntil(long timestamp) => _core.Time.GetElapsedTime(_core.Time.GetTimestamp(), timestamp);
}
