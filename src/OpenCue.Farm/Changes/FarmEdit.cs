using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Changes;

/// <summary>
/// The only way to change the farm: it keeps every old value, so that a command that is refused leaves no trace, and collects what changed.
/// </summary>
/// <remarks>
/// One edit serves a whole batch. For each command the engine sets a mark, runs the command, and rolls back to the mark if it throws; at the end
/// of the batch it takes the <see cref="ChangeSet"/>. All rules get the edit, and with it time, ids, randomness and the actor.
/// </remarks>
public sealed class FarmEdit
{
    private readonly List<Entity> _dirty = [];
    private readonly List<(Layer Layer, int Ordinal)> _dirtyFrames = [];
    private readonly List<(Layer Layer, int From, int To)> _newFrames = [];
    private readonly List<RunRow> _endedRuns = [];
    private readonly List<EntityId> _archivedJobs = [];
    private readonly List<EntityId> _droppedJobs = [];
    private readonly List<FarmEvent> _events = [];
    private readonly List<Effect> _effects = [];
    private readonly IdSource _ids;
    private UndoLog _undo = new();
    private UndoLog? _spare;
    private int _newFrameCount;
    private Entity? _half;

    /// <summary>An edit of <paramref name="farm"/>, for the batch that follows the last one committed.</summary>
    public FarmEdit(FarmModel farm, IdSource ids, long sequence)
    {
        Farm = farm;
        _ids = ids;
        Sequence = sequence;
    }

    /// <summary>The farm that is changed. Rules read it freely and change it through this edit alone.</summary>
    public FarmModel Farm { get; }

    /// <summary>The number of the batch being made.</summary>
    public long Sequence { get; private set; }

    /// <summary>The time of the command.</summary>
    public FarmTime Now { get; private set; }

    /// <summary>Who gave the command.</summary>
    public Actor Actor { get; private set; } = Actor.Maintenance;

    /// <summary>Number of rows changed so far in this batch, roughly: the engine ends a batch that grows too big.</summary>
    public int Size => _dirty.Count + _dirtyFrames.Count + _endedRuns.Count + _newFrameCount;

    /// <summary>Number of effects asked for so far in this batch.</summary>
    public int EffectCount => _effects.Count;

    /// <summary>Number of events recorded so far in this batch.</summary>
    public int EventCount => _events.Count;

    /// <summary>True if nothing has changed in this batch and nothing was asked for or told.</summary>
    public bool IsEmpty =>
        Size == 0 && _archivedJobs.Count == 0 && _droppedJobs.Count == 0 && _events.Count == 0 && _effects.Count == 0;

    /// <summary>Layers and hosts that a command touched since the scheduler last looked; it alone clears this.</summary>
    public SchedulingMarks Marks => Farm.Marks;

    /// <summary>A new id.</summary>
    public EntityId NewId() => _ids.Next(Now.WallMs);

    /// <summary>64 random bits.</summary>
    public ulong NextRandom() => _ids.NextRandom();

    /// <summary>Starts a command: sets time and actor and returns the mark to roll back to.</summary>
    public EditMark Begin(FarmTime now, Actor actor)
    {
        Now = now;
        Actor = actor;
        Farm.Stamp = new ChangeStamp(Sequence, now);
        return Mark;
    }

    /// <summary>The place where the edit is now.</summary>
    public EditMark Mark => new(
        _undo.Count, _dirty.Count, _dirtyFrames.Count, _endedRuns.Count, _archivedJobs.Count, _droppedJobs.Count, _events.Count, _effects.Count,
        _newFrames.Count);

    /// <summary>
    /// Undoes everything since the mark; <c>default</c> is the start of the batch. Throws if that can't be done: the farm is damaged then and must
    /// be loaded again.
    /// </summary>
    public void RollBack(EditMark mark)
    {
        if (_half is { } half)
        {
            throw new InvalidOperationException(
                $"{half.GetType().Name} {half.Id} was left half changed by an exception while it was attached, detached or changed.");
        }

        Farm.Stamp = default;
        _undo.RollBack(Farm, mark.Undo);
        Farm.Stamp = new ChangeStamp(Sequence, Now);
        for (var i = mark.Dirty; i < _dirty.Count; i++)
        {
            _dirty[i].DirtyIn = 0;
        }

        CutTo(_dirty, mark.Dirty);
        CutTo(_dirtyFrames, mark.DirtyFrames);
        CutTo(_endedRuns, mark.EndedRuns);
        CutTo(_archivedJobs, mark.ArchivedJobs);
        CutTo(_droppedJobs, mark.DroppedJobs);
        CutTo(_events, mark.Events);
        CutTo(_effects, mark.Effects);
        for (var i = mark.NewFrames; i < _newFrames.Count; i++)
        {
            _newFrameCount -= _newFrames[i].To - _newFrames[i].From;
        }

        CutTo(_newFrames, mark.NewFrames);
    }

    /// <summary>Forgets how to undo what was done so far: the commands of this batch stand.</summary>
    public void Keep() => _undo.Clear();

    /// <summary>A batch is durable: its way back is not needed any more, and its memory serves a later batch.</summary>
    public void Recycle(UndoLog undo)
    {
        undo.Clear();
        _spare ??= undo;
    }

    /// <summary>
    /// Takes back the batch that was taken last, which is not durable yet. Nothing may have been changed since. The farm is then what it was before
    /// that batch; <paramref name="undo"/> knows from now on how to put the batch in again.
    /// </summary>
    public void Revert(UndoLog undo)
    {
        ExpectNothingOpen();
        Farm.Stamp = default;
        undo.Turn(Farm);
        undo.ForgetDirty();
        Sequence--;
    }

    /// <summary>Puts a batch in again that <see cref="Revert"/> took back. Nothing may have been changed since.</summary>
    public void Reapply(UndoLog undo)
    {
        ExpectNothingOpen();
        Farm.Stamp = new ChangeStamp(Sequence, Now);
        undo.Turn(Farm);
        Sequence++;
    }

    /// <summary>Adds a new entity to the farm.</summary>
    public void Add(Entity entity)
    {
        _half = entity;
        entity.Attach(Farm);
        entity.InFarm = true;
        _half = null;
        _undo.Added(entity);
        MarkDirty(entity);
    }

    /// <summary>Takes an entity out of the farm. What refers to it must be gone already.</summary>
    public void Remove(Entity entity)
    {
        _half = entity;
        entity.Detach(Farm);
        entity.InFarm = false;
        _half = null;
        _undo.Removed(entity);
        MarkDirty(entity);
    }

    /// <summary>Gives an entity a new row. Nothing happens if it equals the old one.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="row">Its new row.</param>
    /// <param name="store">
    /// False for what the next report brings again (measured values, a launch's confirmation): the model has it now, the store with the next change
    /// that is stored, or when <see cref="Store"/> says so.
    /// </param>
    public void Set<TRow>(Entity<TRow> entity, TRow row, bool store = true)
        where TRow : class, IRow
    {
        if (ReferenceEquals(entity.Row, row) || entity.Row.Equals(row))
        {
            return;
        }

        var old = entity.Row;
        _half = entity;
        entity.SetRow(Farm, row);
        _half = null;
        _undo.RowChanged(entity, old);
        if (store)
        {
            MarkDirty(entity);
        }
        else
        {
            entity.ChangedIn = Sequence;
        }
    }

    /// <summary>Stores an entity's row as it is now, for one that was set without being stored.</summary>
    public void Store(Entity entity) => MarkDirty(entity);

    /// <summary>
    /// Gives a frame a new value, and a new version if its state changes. Its depend count is not set here: it follows from the depends, and with it
    /// whether a frame that could run is WAITING or DEPEND.
    /// </summary>
    /// <param name="layer">Its layer.</param>
    /// <param name="ordinal">Its ordinal in the layer.</param>
    /// <param name="value">The new value.</param>
    public void SetFrame(Layer layer, int ordinal, Frame value)
    {
        ref readonly var old = ref layer.Frames[ordinal];
        if (layer.Rest is { } rest)
        {
            Remove(rest);
        }

        _undo.FrameChanged(layer, ordinal, old);
        value.ChangedIn = Sequence;
        value.UpdatedAtMs = Now.WallMs;
        value.DependCount = old.DependCount;
        value.Version = value.State == old.State ? old.Version : old.Version + 1;
        if (!value.Has(FrameFlags.Dirty))
        {
            value.Flags |= FrameFlags.Dirty;
            _dirtyFrames.Add((layer, ordinal));
        }

        layer.Put(ordinal, value);
    }

    /// <summary>Puts frames of a layer that is being submitted into the store; they have no row there yet.</summary>
    public void StoreNewFrames(Layer layer, int from, int to)
    {
        _newFrames.Add((layer, from, to));
        _newFrameCount += to - from;
    }

    /// <summary>
    /// Registers how to undo a change that was made of something that is neither row nor frame, and how to make it again. Use it rarely: links
    /// belong into <c>Attach</c>.
    /// </summary>
    /// <param name="undo">Undoes the change.</param>
    /// <param name="redo">Makes it again, after <paramref name="undo"/> ran.</param>
    public void OnUndo(Action undo, Action redo) => _undo.Did(new TwoWays(undo, redo));

    /// <summary>Registers a change that knows itself how it is undone.</summary>
    internal void OnUndo(IReversible change) => _undo.Did(change);

    /// <summary>Takes an ended run out of the model and leaves its last value to the store as history.</summary>
    public void EndRun(Run run, RunRow last)
    {
        Set(run, last);
        Remove(run);
        _endedRuns.Add(last);
    }

    /// <summary>Takes a job with its layers out of the model and moves it to history in the store.</summary>
    public void ArchiveJob(Job job)
    {
        RemoveJob(job);
        _archivedJobs.Add(job.Id);
    }

    /// <summary>Takes a job that never became active out of the model and of the store.</summary>
    public void DropJob(Job job)
    {
        RemoveJob(job);
        _droppedJobs.Add(job.Id);
    }

    /// <summary>Records what happened.</summary>
    public void Emit(FarmEventKind kind, EntityId subject, EntityId job = default, int from = 0, int to = 0, string? reason = null) =>
        _events.Add(new FarmEvent(kind, subject, job, from, to, Actor, reason, Now.WallMs));

    /// <summary>Asks for something to be done in the world once this is durable.</summary>
    public void Do(EffectKind kind, EntityId subject, EntityId host = default, EntityId frame = default, string? reason = null) =>
        _effects.Add(new Effect(kind, subject, host, frame, reason));

    /// <summary>Takes all that changed since the last call, and starts the next batch. It can't be undone any more.</summary>
    public ChangeSet Take(FarmTime time) => Take(time, out _);

    /// <summary>
    /// Takes all that changed since the last call, and starts the next batch. <paramref name="undo"/> is the way back, until it is known that the
    /// batch is durable.
    /// </summary>
    public ChangeSet Take(FarmTime time, out UndoLog undo)
    {
        undo = _undo;
        (_undo, _spare) = (_spare ?? new UndoLog(), null);
        var changes = new ChangeSet(Sequence, time);
        foreach (var entity in _dirty)
        {
            // An ended run is history and a dropped job is deleted as a whole: neither is an ordinary row change.
            if (entity.InFarm || !entity.LeavesByItself)
            {
                entity.WriteTo(changes);
            }
        }

        changes.Frames.EnsureCapacity(_dirtyFrames.Count);
        foreach (var (layer, ordinal) in _dirtyFrames)
        {
            if (layer.TakeDirty(ordinal))
            {
                changes.Frames.Add(new FrameRow(layer.Id, ordinal, layer.Frames[ordinal]));
            }
        }

        changes.NewFrames.EnsureCapacity(_newFrameCount);
        foreach (var (layer, from, to) in _newFrames)
        {
            for (var i = from; i < to; i++)
            {
                changes.NewFrames.Add(new FrameRow(layer.Id, i, layer.Frames[i]));
            }
        }

        changes.EndedRuns.AddRange(_endedRuns);
        changes.ArchivedJobs.AddRange(_archivedJobs);
        changes.DroppedJobs.AddRange(_droppedJobs);
        changes.Events.AddRange(_events);
        changes.Effects.AddRange(_effects);
        _dirty.Clear();
        _dirtyFrames.Clear();
        _newFrames.Clear();
        _newFrameCount = 0;
        _endedRuns.Clear();
        _archivedJobs.Clear();
        _droppedJobs.Clear();
        _events.Clear();
        _effects.Clear();
        Sequence++;
        return changes;
    }

    private void RemoveJob(Job job)
    {
        // Backwards, so that undoing it puts the layers back in their order.
        foreach (var layer in job.Layers.AsEnumerable().Reverse().ToArray())
        {
            if (layer.Rest is { } rest)
            {
                Remove(rest);
            }

            Remove(layer.Usage);
            Remove(layer);
        }

        Remove(job);
    }

    private void MarkDirty(Entity entity)
    {
        entity.ChangedIn = Sequence;
        if (entity.DirtyIn != Sequence)
        {
            entity.DirtyIn = Sequence;
            _dirty.Add(entity);
        }
    }

    private void ExpectNothingOpen()
    {
        if (_undo.Count > 0 || !IsEmpty)
        {
            throw new InvalidOperationException($"Batch {Sequence} has changes already: roll them back first.");
        }
    }

    private static void CutTo<T>(List<T> list, int count) => list.RemoveRange(count, list.Count - count);

    private sealed class TwoWays(Action undo, Action redo) : IReversible
    {
        private bool _isUndone;

        public void Turn(FarmModel farm)
        {
            (_isUndone ? redo : undo)();
            _isUndone = !_isUndone;
        }
    }
}

/// <summary>The batch and time of a command: what it changes without an undo of its own is stamped with it.</summary>
internal readonly record struct ChangeStamp(long Sequence, FarmTime Time)
{
    /// <summary>Its wall time.</summary>
    public long WallMs => Time.WallMs;
}

/// <summary>A place in an edit to roll back to.</summary>
public readonly record struct EditMark(
    int Undo, int Dirty, int DirtyFrames, int EndedRuns, int ArchivedJobs, int DroppedJobs, int Events, int Effects, int NewFrames);
