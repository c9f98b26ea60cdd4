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
    private readonly List<UndoEntry> _undo = [];
    private readonly List<FrameUndo> _frameUndo = [];
    private readonly List<Entity> _dirty = [];
    private readonly List<(Layer Layer, int Ordinal)> _dirtyFrames = [];
    private readonly List<(Layer Layer, int From, int To)> _newFrames = [];
    private readonly List<RunRow> _endedRuns = [];
    private readonly List<EntityId> _archivedJobs = [];
    private readonly List<EntityId> _droppedJobs = [];
    private readonly List<FarmEvent> _events = [];
    private readonly List<Effect> _effects = [];
    private readonly IdSource _ids;

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
    public int Size => _dirty.Count + _dirtyFrames.Count + _endedRuns.Count;

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
        return new EditMark(
            _undo.Count, _endedRuns.Count, _archivedJobs.Count, _droppedJobs.Count, _events.Count, _effects.Count, _newFrames.Count);
    }

    /// <summary>Undoes everything since the mark.</summary>
    public void RollBack(EditMark mark)
    {
        for (var i = _undo.Count - 1; i >= mark.Undo; i--)
        {
            var entry = _undo[i];
            switch (entry.Kind)
            {
                case UndoKind.Row:
                    entry.Entity!.RestoreRow(Farm, entry.Old!);
                    break;
                case UndoKind.Added:
                    entry.Entity!.Detach(Farm);
                    entry.Entity.InFarm = false;
                    break;
                case UndoKind.Removed:
                    entry.Entity!.Attach(Farm);
                    entry.Entity.InFarm = true;
                    break;
                case UndoKind.Frame:
                    var old = _frameUndo[^1];
                    _frameUndo.RemoveAt(_frameUndo.Count - 1);
                    old.Layer.Put(old.Ordinal, old.Value);
                    break;
                default:
                    ((Action)entry.Old!)();
                    break;
            }
        }

        _undo.RemoveRange(mark.Undo, _undo.Count - mark.Undo);
        _endedRuns.RemoveRange(mark.EndedRuns, _endedRuns.Count - mark.EndedRuns);
        _archivedJobs.RemoveRange(mark.ArchivedJobs, _archivedJobs.Count - mark.ArchivedJobs);
        _droppedJobs.RemoveRange(mark.DroppedJobs, _droppedJobs.Count - mark.DroppedJobs);
        _events.RemoveRange(mark.Events, _events.Count - mark.Events);
        _effects.RemoveRange(mark.Effects, _effects.Count - mark.Effects);
        _newFrames.RemoveRange(mark.NewFrames, _newFrames.Count - mark.NewFrames);
    }

    /// <summary>Forgets how to undo what was done so far: the commands of this batch stand.</summary>
    public void Keep()
    {
        _undo.Clear();
        _frameUndo.Clear();
    }

    /// <summary>Adds a new entity to the farm.</summary>
    public void Add(Entity entity)
    {
        entity.Attach(Farm);
        entity.InFarm = true;
        _undo.Add(new UndoEntry(UndoKind.Added, entity, null));
        MarkDirty(entity);
    }

    /// <summary>Takes an entity out of the farm. What refers to it must be gone already.</summary>
    public void Remove(Entity entity)
    {
        entity.Detach(Farm);
        entity.InFarm = false;
        _undo.Add(new UndoEntry(UndoKind.Removed, entity, null));
        MarkDirty(entity);
    }

    /// <summary>Gives an entity a new row. Nothing happens if it equals the old one.</summary>
    public void Set<TRow>(Entity<TRow> entity, TRow row)
        where TRow : class, IRow
    {
        if (ReferenceEquals(entity.Row, row) || entity.Row.Equals(row))
        {
            return;
        }

        _undo.Add(new UndoEntry(UndoKind.Row, entity, entity.Row));
        entity.SetRow(Farm, row);
        MarkDirty(entity);
    }

    /// <summary>Gives a frame a new value.</summary>
    /// <param name="layer">Its layer.</param>
    /// <param name="ordinal">Its ordinal in the layer.</param>
    /// <param name="value">The new value.</param>
    /// <param name="store">
    /// False for what the loader works out again by itself: whether a frame that was never started is WAITING or DEPEND, and depend counts.
    /// </param>
    public void SetFrame(Layer layer, int ordinal, Frame value, bool store = true)
    {
        _frameUndo.Add(new FrameUndo(layer, ordinal, layer.Frames[ordinal]));
        _undo.Add(new UndoEntry(UndoKind.Frame, null, null));
        value.ChangedIn = Sequence;
        value.UpdatedAtMs = Now.WallMs;
        if (store && !value.Has(FrameFlags.Dirty))
        {
            value.Flags |= FrameFlags.Dirty;
            _dirtyFrames.Add((layer, ordinal));
        }

        layer.Put(ordinal, value);
    }

    /// <summary>Puts frames of a layer that is being submitted into the store; they have no row there yet.</summary>
    public void StoreNewFrames(Layer layer, int from, int to) => _newFrames.Add((layer, from, to));

    /// <summary>Registers how to undo a change of something that is neither row nor frame. Use it rarely: links belong into <c>Attach</c>.</summary>
    public void OnUndo(Action undo) => _undo.Add(new UndoEntry(UndoKind.Action, null, undo));

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

    /// <summary>Takes all that changed since the last call, and starts the next batch.</summary>
    public ChangeSet Take(FarmTime time)
    {
        Keep();
        var changes = new ChangeSet(Sequence, time);
        foreach (var entity in _dirty)
        {
            // An ended run is history and a dropped job is deleted as a whole: neither is an ordinary row change.
            if (entity.InFarm || !entity.LeavesByItself)
            {
                entity.WriteTo(changes);
            }
        }

        foreach (var (layer, ordinal) in _dirtyFrames)
        {
            if (layer.TakeDirty(ordinal))
            {
                changes.Frames.Add(new FrameRow(layer.Id, ordinal, layer.Frames[ordinal]));
            }
        }

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
        foreach (var layer in job.Layers.ToArray())
        {
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

    private enum UndoKind : byte
    {
        Row,
        Added,
        Removed,
        Frame,
        Action,
    }

    private readonly record struct UndoEntry(UndoKind Kind, Entity? Entity, object? Old);

    private readonly record struct FrameUndo(Layer Layer, int Ordinal, Frame Value);
}

/// <summary>A place in an edit to roll back to.</summary>
public readonly record struct EditMark(
    int Undo, int EndedRuns, int ArchivedJobs, int DroppedJobs, int Events, int Effects, int NewFrames);
