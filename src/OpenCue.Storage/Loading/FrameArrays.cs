using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;

namespace OpenCue.Storage.Loading;

/// <summary>Collects frames into one array a layer while they are read, a million of them, by one or several <see cref="FrameFiller"/>s.</summary>
internal sealed class FrameArrays
{
    private readonly Dictionary<EntityId, LayerFrames?> _layers = [];

    /// <summary>
    /// Frames for the layers given. Frames of <paramref name="leaving"/>, which are on their way to history, are passed over, and so are those at rest.
    /// </summary>
    public FrameArrays(FarmRows rows, IEnumerable<EntityId> leaving)
    {
        foreach (var id in leaving)
        {
            _layers[id] = null;
        }

        foreach (var layer in rows.Layers)
        {
            _layers[layer.Id] = new LayerFrames(layer);
        }

        foreach (var rest in rows.FramesAtRest)
        {
            _layers[rest.Id] = null;
        }
    }

    /// <summary>Frames of these layers alone.</summary>
    public FrameArrays(IReadOnlyList<LayerRow> layers)
    {
        foreach (var layer in layers)
        {
            _layers[layer.Id] = new LayerFrames(layer);
        }
    }

    /// <summary>The arrays of layers that are whole, once all fillers are done.</summary>
    public IReadOnlyDictionary<EntityId, Frame[]> Whole()
    {
        var whole = new Dictionary<EntityId, Frame[]>();
        foreach (var (id, frames) in _layers)
        {
            if (frames?.IsWhole == true)
            {
                whole.Add(id, frames.Finish());
            }
        }

        return whole;
    }

    /// <summary>Where the frames of this layer go; null if they are not wanted.</summary>
    public LayerFrames? Of(EntityId layer) =>
        _layers.TryGetValue(layer, out var frames)
            ? frames
            : throw new StoreDataException("frame", layer.ToString(), $"The store is damaged: there are frames of a layer {layer} that is not there.");

    /// <summary>Puts all arrays into the rows, once all fillers are done.</summary>
    public void Hand(FarmRows rows)
    {
        foreach (var (id, frames) in _layers)
        {
            if (frames?.Finish() is { Length: > 0 } array)
            {
                rows.Frames.Add(id, array);
            }
        }
    }
}

/// <summary>Puts frames in their places; one for each thread that reads.</summary>
internal sealed class FrameFiller(FrameArrays arrays)
{
    private Frame _scrap;
    private LayerFrames? _frames;
    private EntityId _layer;
    private int _count;
    private int _end;

    /// <summary>Where the frame has to be written; for a frame that is not wanted, a place that nobody looks at.</summary>
    public ref Frame Place(EntityId layer, int ordinal)
    {
        // Frames of a layer come one after the other, mostly.
        if (layer != _layer)
        {
            Done();
            _layer = layer;
            _frames = arrays.Of(layer);
        }

        if (_frames is null)
        {
            return ref _scrap;
        }

        ref var place = ref _frames.Place(ordinal);
        _count++;
        _end = Math.Max(_end, ordinal + 1);
        return ref place;
    }

    /// <summary>Says that there are no more.</summary>
    public void Done()
    {
        _frames?.Count(_count, _end);
        (_count, _end) = (0, 0);
        _frames = null;
        _layer = EntityId.None;
    }
}

/// <summary>The frames of one layer.</summary>
internal sealed class LayerFrames(LayerRow layer)
{
    private readonly Lock _lock = new();
    private Frame[]? _frames;
    private int _count;
    private int _end;

    /// <summary>True if all frames are there.</summary>
    public bool IsWhole => _count == layer.FrameCount;

    /// <summary>The place of the frame with this ordinal.</summary>
    public ref Frame Place(int ordinal)
    {
        if ((uint)ordinal >= (uint)layer.FrameCount)
        {
            throw Damaged($"there is one with ordinal {ordinal}");
        }

        return ref (_frames ?? Make())[ordinal];
    }

    /// <summary>Notes that so many frames were put in, the last one before <paramref name="end"/>.</summary>
    public void Count(int count, int end)
    {
        lock (_lock)
        {
            _count += count;
            _end = Math.Max(_end, end);
        }
    }

    /// <summary>
    /// All frames. A layer whose job was being submitted when the server stopped has only the first ones; a gap is damage.
    /// </summary>
    public Frame[] Finish() =>
        _end != _count ? throw Damaged($"there are {_count}, the last with ordinal {_end - 1}")
        : _frames is null ? []
        : _end == _frames.Length ? _frames
        : _frames[.._end];

    private Frame[] Make()
    {
        lock (_lock)
        {
            return _frames ??= new Frame[layer.FrameCount];
        }
    }

    private StoreDataException Damaged(string what) => new(
        "frame", layer.Id.ToString(), $"The store is damaged: layer {layer.Name} ({layer.Id}) has {layer.FrameCount} frames, and of those stored {what}.");
}
