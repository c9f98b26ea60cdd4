namespace OpenCue.Farm.Jobs;

/// <summary>
/// Layers whose frames are at rest and in memory all the same: they came to rest a moment ago, or somebody asked for them. Whoever drives the farm lets
/// them go when it is time. Not stored.
/// </summary>
public sealed class RestingLayers
{
    private readonly LinkedList<(Layer Layer, long StayUntilEngineMs)> _order = [];
    private readonly Dictionary<Layer, LinkedListNode<(Layer Layer, long StayUntilEngineMs)>> _nodes = [];

    /// <summary>Number of layers.</summary>
    public int Count => _nodes.Count;

    /// <summary>Number of their frames.</summary>
    public long Frames { get; private set; }

    /// <summary>
    /// Lets go of frames, those first that came first, until one of them has to stay. Returns how many layers let go.
    /// </summary>
    /// <param name="durable">Number of the last batch that is durable: what is noted later is not sure yet.</param>
    /// <param name="nowEngineMs">Engine time.</param>
    /// <param name="mostFrames">While there are more frames than this, they need not stay as long as they were to.</param>
    /// <param name="mostLayers">Most layers to let go.</param>
    public int LetGo(long durable, long nowEngineMs, long mostFrames, int mostLayers)
    {
        var gone = 0;
        for (var node = _order.First; node is not null && gone < mostLayers;)
        {
            var (layer, until) = node.Value;
            node = node.Next;
            if (until > nowEngineMs && Frames <= mostFrames)
            {
                break;
            }

            if (layer.Rest is { } rest && rest.ChangedIn <= durable)
            {
                Remove(layer);
                layer.LetFramesGo();
                gone++;
            }
        }

        return gone;
    }

    /// <summary>Puts frames that were fetched from the store into their layer, to stay for a while.</summary>
    public void TakeIn(Layer layer, Frame[] frames, long stayUntilEngineMs)
    {
        layer.TakeFrames(frames);
        Add(layer, stayUntilEngineMs);
    }

    internal void Add(Layer layer, long stayUntilEngineMs)
    {
        Remove(layer);

        // What need not stay goes before what somebody asked for.
        var node = stayUntilEngineMs == 0 ? _order.AddFirst((layer, 0)) : _order.AddLast((layer, stayUntilEngineMs));
        _nodes.Add(layer, node);
        Frames += layer.FrameCount;
    }

    internal void Remove(Layer layer)
    {
        if (_nodes.Remove(layer, out var node))
        {
            _order.Remove(node);
            Frames -= layer.FrameCount;
        }
    }
}
