using OpenCue.Farm.Changes;
using OpenCue.Farm.Operations;
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
/// <remarks>Few frames change their places at once, many by a stored operation, a chunk a batch.</remarks>
public static class FrameOrder
{
    /// <summary>
    /// Puts the frames of a set first, last, or the other way round. Numbers that are no frame of the layer are skipped; as in OpenCue they
    /// keep their place in the count. (OpenCue's LAST takes other frames than those asked for.)
    /// </summary>
    public static void Reorder(FarmEdit edit, Job job, IEnumerable<Layer> layers, FrameSet frames, FrameOrderKind order, string by)
    {
        if (order == FrameOrderKind.Reverse)
        {
            Move(edit, job, [.. layers.Select(layer => new FrameSpan(layer.Id, 0, frames.Count / 2))], new FrameMoves(frames, IsReverse: true), by);
            return;
        }

        var spans = layers.Select(layer =>
        {
            var (min, max) = Bounds(layer);
            return new FrameSpan(layer.Id, order == FrameOrderKind.First ? min - frames.Count : max + 1, frames.Count);
        });
        Move(edit, job, [.. spans], new FrameMoves(frames, IsReverse: false), by);
    }

    /// <summary>As the other one, for one layer.</summary>
    public static void Reorder(FarmEdit edit, Layer layer, FrameSet frames, FrameOrderKind order) =>
        Reorder(edit, layer.Job, [layer], frames, order, edit.Actor.ToString());

    /// <summary>
    /// Spreads the frames of a range: every n-th first, then those between, from the place of the range's first frame on. A layer with one
    /// frame is left alone, and so is one without the range's first frame.
    /// </summary>
    public static void Stagger(FarmEdit edit, Job job, IEnumerable<Layer> layers, FrameSet range, int stagger, string by)
    {
        var meant = layers
            .Select(layer => (Layer: layer, First: layer.Chunks.IndexOfChunkStartingWith(range[0])))
            .Where(l => l.Layer.FrameCount >= 2 && l.First >= 0)
            .ToList();
        if (meant.Count == 0)
        {
            return;
        }

        if (!FrameSet.TryParse($"{range.Text}:{stagger}", FrameSet.DefaultMaxFrames, out var staggered, out var error))
        {
            throw FarmException.Invalid($"The frames {range.Text} can't be staggered by {stagger}: {error}.");
        }

        Move(
            edit,
            job,
            [.. meant.Select(l => new FrameSpan(l.Layer.Id, l.Layer.Frames[l.First].DispatchOrder, staggered.Count))],
            new FrameMoves(staggered, IsReverse: false),
            by);
    }

    /// <summary>As the other one, for one layer.</summary>
    public static void Stagger(FarmEdit edit, Layer layer, FrameSet range, int stagger) =>
        Stagger(edit, layer.Job, [layer], range, stagger, edit.Actor.ToString());

    /// <summary>Does one of the moves in a layer.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="moves">What is moved.</param>
    /// <param name="place">Where the first frame goes; nothing to a reversal.</param>
    /// <param name="number">Which of the moves.</param>
    internal static void Move(FarmEdit edit, Layer layer, FrameMoves moves, int place, int number)
    {
        var (frames, a) = (moves.Frames, layer.Chunks.IndexOfChunkStartingWith(moves.Frames[number]));
        if (!moves.IsReverse)
        {
            SetOrder(edit, layer, a, place + number);
        }
        else if (layer.Chunks.IndexOfChunkStartingWith(frames[frames.Count - 1 - number]) is var b and >= 0 && a >= 0)
        {
            var (orderOfA, orderOfB) = (layer.Frames[a].DispatchOrder, layer.Frames[b].DispatchOrder);
            SetOrder(edit, layer, a, orderOfB);
            SetOrder(edit, layer, b, orderOfA);
        }
    }

    private static void Move(FarmEdit edit, Job job, ValueList<FrameSpan> spans, FrameMoves moves, string by)
    {
        if (spans.Sum(s => (long)s.Count) > edit.Farm.Settings.BulkChunk)
        {
            BulkOperations.RequestMoves(edit, job, spans, moves, by);
            return;
        }

        foreach (var span in spans)
        {
            var layer = edit.Farm.Layers[span.LayerId];
            for (var i = 0; i < span.Count; i++)
            {
                Move(edit, layer, moves, span.First, i);
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

/// <summary>Which frames change their places, and how: one behind the other from a place on, or each pair from both ends swapped.</summary>
/// <param name="Frames">The frames in the order wanted, or those to be put the other way round.</param>
/// <param name="IsReverse">True to swap.</param>
internal readonly record struct FrameMoves(FrameSet Frames, bool IsReverse)
{
    private const string Reverse = "REVERSE ";

    /// <summary>As it is stored.</summary>
    public override string ToString() => $"{(IsReverse ? Reverse : "")}{Frames.Text}";

    /// <summary>From what was stored.</summary>
    public static FrameMoves Parse(string text)
    {
        var isReverse = text.StartsWith(Reverse, StringComparison.Ordinal);
        return new(FrameSet.Parse(isReverse ? text[Reverse.Length..] : text, maxFrames: int.MaxValue), isReverse);
    }
}
