using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Changes;

/// <summary>A change of something that is neither row nor frame.</summary>
internal interface IReversible
{
    /// <summary>Takes the change back. Called again, it makes it again.</summary>
    void Turn(FarmModel farm);
}

/// <summary>The way back from the changes of one batch, and, once it was gone, the way forth again.</summary>
public sealed class UndoLog
{
    private readonly List<Entry> _entries = [];
    private readonly List<FrameEntry> _frames = [];

    private enum Kind : byte
    {
        Row,
        Added,
        Removed,
        Frame,
        Other,
    }

    /// <summary>Number of single changes.</summary>
    internal int Count => _entries.Count;

    internal void RowChanged(Entity entity, object old) => _entries.Add(new Entry(Kind.Row, entity, old));

    internal void Added(Entity entity) => _entries.Add(new Entry(Kind.Added, entity, null));

    internal void Removed(Entity entity) => _entries.Add(new Entry(Kind.Removed, entity, null));

    internal void Did(IReversible change) => _entries.Add(new Entry(Kind.Other, null, change));

    internal void FrameChanged(Layer layer, int ordinal, in Frame old)
    {
        _frames.Add(new FrameEntry(layer, ordinal, old));
        _entries.Add(new Entry(Kind.Frame, null, null));
    }

    internal void Clear()
    {
        _entries.Clear();
        _frames.Clear();
    }

    /// <summary>Undoes all changes from number <paramref name="from"/> on, the last one first, and forgets them.</summary>
    internal void RollBack(FarmModel farm, int from)
    {
        var frame = _frames.Count;
        for (var i = _entries.Count - 1; i >= from; i--)
        {
            Turn(farm, i, ref frame);
        }

        _entries.RemoveRange(from, _entries.Count - from);
        _frames.RemoveRange(frame, _frames.Count - frame);
    }

    /// <summary>
    /// Undoes all changes, the last one first, and keeps what they had made: called again, it makes them again, the first one first.
    /// </summary>
    internal void Turn(FarmModel farm)
    {
        var frame = _frames.Count;
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            Turn(farm, i, ref frame);
        }

        _entries.Reverse();
        _frames.Reverse();
    }

    /// <summary>Lets the entities be stored by another batch with the same number.</summary>
    internal void ForgetDirty()
    {
        foreach (var entry in _entries)
        {
            entry.Entity?.DirtyIn = 0;
        }
    }

    private void Turn(FarmModel farm, int index, ref int frame)
    {
        var entry = _entries[index];
        switch (entry.Kind)
        {
            case Kind.Row:
                var row = entry.Entity!.RowObject;
                entry.Entity.RestoreRow(farm, entry.Old!);
                _entries[index] = entry with { Old = row };
                break;
            case Kind.Added:
                entry.Entity!.Detach(farm);
                entry.Entity.InFarm = false;
                _entries[index] = entry with { Kind = Kind.Removed };
                break;
            case Kind.Removed:
                entry.Entity!.Attach(farm);
                entry.Entity.InFarm = true;
                _entries[index] = entry with { Kind = Kind.Added };
                break;
            case Kind.Frame:
                var (layer, ordinal, old) = _frames[--frame];
                _frames[frame] = new FrameEntry(layer, ordinal, layer.Frames[ordinal]);
                layer.Put(ordinal, old);
                break;
            default:
                ((IReversible)entry.Old!).Turn(farm);
                break;
        }
    }

    private readonly record struct Entry(Kind Kind, Entity? Entity, object? Old);

    private readonly record struct FrameEntry(Layer Layer, int Ordinal, Frame Value);
}
