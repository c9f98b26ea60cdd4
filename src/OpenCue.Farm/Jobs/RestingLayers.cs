namespace OpenCue.Farm.Jobs;

/// <summary>
/// Layers whose frames are at rest and in memory all the same: they came to rest a moment ago, or somebody asked for them. Whoever drives the farm lets
/// them go when it is time. Not stored.
/// </summary>
public sealed class RestingLayers
{
    private readonly LinkedList<FramesAtRest> _order = [];
    private readonly Dictionary<FramesAtRest, LinkedListNode<FramesAtRest>> _nodes = [];

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
            var rest = node.Value;
            node = node.Next;
            if (rest.StayUntilEngineMs > nowEngineMs && (Frames <= mostFrames || rest.StayAtLeastUntilEngineMs > nowEngineMs))
            {
                break;
            }

            if (rest.ChangedIn <= durable)
            {
                Remove(rest);
                rest.Layer.LetFramesGo();
                gone++;
            }
        }

        return gone;
    }

    /// <summary>Puts frames that were fetched from the store into their layer, to stay for a while.</summary>
    /// <param name="rest">The layer's rest.</param>
    /// <param name="frames">Its frames.</param>
    /// <param name="atLeastUntilEngineMs">
    /// Until then they stay however many there are: whoever waits for them gets them, also when a job has more frames than are kept.
    /// </param>
    /// <param name="untilEngineMs">Until then they stay if there are not too many.</param>
    public void TakeIn(FramesAtRest rest, Frame[] frames, long atLeastUntilEngineMs, long untilEngineMs)
    {
        rest.Layer.TakeFrames(frames);
        (rest.StayAtLeastUntilEngineMs, rest.StayUntilEngineMs) = (atLeastUntilEngineMs, untilEngineMs);
        Add(rest);
    }

    internal void Add(FramesAtRest rest)
    {
        Remove(rest);

        // What need not stay goes before what somebody asked for.
        var node = rest.StayUntilEngineMs == 0 ? _order.AddFirst(rest) : _order.AddLast(rest);
        _nodes.Add(rest, node);
        Frames += rest.Layer.FrameCount;
    }

    internal void Remove(FramesAtRest rest)
    {
        if (_nodes.Remove(rest, out var node))
        {
            _order.Remove(node);
            Frames -= rest.Layer.FrameCount;
        }
    }
}
