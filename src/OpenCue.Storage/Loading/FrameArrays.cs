using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;

namespace OpenCue.Storage.Loading;

/// <summary>
/// Collects frames into one array a layer while they are read, a million of them. Different layers may be filled by different threads.
/// </summary>
internal sealed class FrameArrays
{
    private readonly Dictionary<EntityId, LayerFrames?> _layers = [];

    /// <summary>Frames for the layers given; frames of <paramref name="leaving"/>, which are on their way to history, are passed over.</summary>
    public FrameArrays(IEnumerable<LayerRow> layers, IEnumerable<EntityId> leaving)
    {
        foreach (var id in leaving)
        {
            _layers[id] = null;
        }

        foreach (var layer in layers)
        {
            _layers[layer.Id] = new LayerFrames(layer);
        }
    }

    /// <summary>Where the frames of this layer go; null if they are not wanted.</summary>
    public LayerFrames? Of(EntityId layer) =>
        _layers.TryGetValue(layer, out var frames)
            ? frames
            : throw new StoreDataException("frame", layer.ToString(), $"There are frames of a layer {layer} that is not there.");

    /// <summary>Puts all arrays into the rows.</summary>
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

/// <summary>The frames of one layer.</summary>
internal sealed class LayerFrames(LayerRow layer)
{
    private Frame[] _frames = [];
    private int _count;
    private int _end;

    /// <summary>A place for the frame with this ordinal.</summary>
    public ref Frame Place(int ordinal)
    {
        if ((uint)ordinal >= (uint)layer.FrameCount)
        {
            throw Damaged($"a frame with ordinal {ordinal}");
        }

        if (_frames.Length == 0)
        {
            _frames = new Frame[layer.FrameCount];
        }

        _count++;
        _end = Math.Max(_end, ordinal + 1);
        return ref _frames[ordinal];
    }

    /// <summary>
    /// All frames. A layer whose job was being submitted when the server stopped has only the first ones; a gap is damage.
    /// </summary>
    public Frame[] Finish() =>
        _end != _count ? throw Damaged($"{_count} frames up to ordinal {_end - 1}")
        : _end == _frames.Length ? _frames
        : _frames[.._end];

    private StoreDataException Damaged(string what) => new(
        "frame", layer.Id.ToString(), $"The store is damaged: layer {layer.Name} ({layer.Id}) has {layer.FrameCount} frames, but {what} stored.");
}
