using OpenCue.Farm.Changes;
using OpenCue.Specs.Ranges;

namespace OpenCue.Farm.Jobs;

/// <summary>Where frames are put in their layer's order, with the numbers of the wire.</summary>
public enum FrameOrderKind
{
    /// <summary>Before all others.</summary>
    First = 0,

    /// <summary>Behind all others.</summary>
    Last = 1,

    /// <summary>The other way round among themselves.</summary>
    Reverse = 2,
}

/// <summary>Changes the order in which a layer's frames are booked.</summary>
public static class FrameOrder
{
    /// <summary>
    /// Puts the frames of a set first, last, or the other way round. Numbers that are no frame of the layer are skipped; as in OpenCue they
    /// keep their place in the count. (OpenCue's LAST takes other frames than those asked for.)
    /// </summary>
    public static void Reorder(FarmEdit edit, Layer layer, FrameSet frames, FrameOrderKind order)
    {
        if (order == FrameOrderKind.Reverse)
        {
            Reverse(edit, layer, frames);
            return;
        }

        var (min, max) = Bounds(layer);
        var start = order == FrameOrderKind.First ? min - frames.Count : max + 1;
        for (var i = 0; i < frames.Count; i++)
        {
            SetOrder(edit, layer, layer.Chunks.IndexOfChunkStartingWith(frames[i]), start + i);
        }
    }

    /// <summary>
    /// Spreads the frames of a range: every n-th first, then those between, from the place of the range's first frame on. A layer with one
    /// frame is left alone, and so is one without the range's first frame.
    /// </summary>
    public static void Stagger(FarmEdit edit, Layer layer, FrameSet range, int stagger)
    {
        var first = layer.Chunks.IndexOfChunkStartingWith(range[0]);
        if (layer.FrameCount < 2 || first < 0)
        {
            return;
        }

        if (!FrameSet.TryParse($"{range.Text}:{stagger}", FrameSet.DefaultMaxFrames, out var staggered, out var error))
        {
            throw FarmException.Invalid($"The frames {range.Text} can't be staggered by {stagger}: {error}.");
        }

        var start = layer.Frames[first].DispatchOrder;
        for (var i = 0; i < staggered.Count; i++)
        {
            SetOrder(edit, layer, layer.Chunks.IndexOfChunkStartingWith(staggered[i]), start + i);
        }
    }

    private static void Reverse(FarmEdit edit, Layer layer, FrameSet frames)
    {
        for (var (i, j) = (0, frames.Count - 1); i < j; i++, j--)
        {
            var (a, b) = (layer.Chunks.IndexOfChunkStartingWith(frames[i]), layer.Chunks.IndexOfChunkStartingWith(frames[j]));
            if (a >= 0 && b >= 0)
            {
                var (orderOfA, orderOfB) = (layer.Frames[a].DispatchOrder, layer.Frames[b].DispatchOrder);
                SetOrder(edit, layer, a, orderOfB);
                SetOrder(edit, layer, b, orderOfA);
            }
        }
    }

    private static (int Min, int Max) Bounds(Layer layer)
    {
        var (min, max) = (int.MaxValue, int.MinValue);
        foreach (ref readonly var frame in layer.Frames)
        {
            min = Math.Min(min, frame.DispatchOrder);
            max = Math.Max(max, frame.DispatchOrder);
        }

        return (min, max);
    }

    private static void SetOrder(FarmEdit edit, Layer layer, int ordinal, int order)
    {
        if (ordinal >= 0 && layer.Frames[ordinal].DispatchOrder != order)
        {
            edit.SetFrame(layer, ordinal, layer.Frames[ordinal] with { DispatchOrder = order });
        }
    }
}
