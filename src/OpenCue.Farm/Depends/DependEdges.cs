using System.Numerics;
using OpenCue.Specs.Ranges;

namespace OpenCue.Farm.Depends;

/// <summary>
/// The edges of the depends that join frames pairwise. They follow from the two layers' ranges and are never stored; each has a number, so
/// that clients, who see every edge as a depend of its own, can name it.
/// </summary>
public static class DependEdges
{
    /// <summary>The frames of the on-layer that a frame waits for, put into a list that is cleared first.</summary>
    public static void OnFrames(Depend depend, int erFrame, List<int> into)
    {
        into.Clear();
        var (er, on) = Sides(depend);
        switch (depend.Row.Type)
        {
            case DependType.FrameByFrame when depend.IsOneToOne:
                into.Add(erFrame);
                break;
            case DependType.FrameByFrame:
                FrameByFrame.OnChunks(er, erFrame, on, into);
                break;
            case DependType.PreviousFrame when PreviousOf(er, erFrame, on) is var previous and >= 0:
                into.Add(previous);
                break;
            case DependType.LayerOnSimFrame when depend.Row.OnFrame is { } frame:
                into.Add(frame);
                break;
            default:
                break;
        }
    }

    /// <summary>The frames of the er-layer that wait for a frame: the same edges from the other end.</summary>
    public static void ErFrames(Depend depend, int onFrame, List<int> into)
    {
        into.Clear();
        var (er, on) = Sides(depend);
        switch (depend.Row.Type)
        {
            case DependType.FrameByFrame when depend.IsOneToOne:
                into.Add(onFrame);
                break;
            case DependType.FrameByFrame:
                FrameByFrame.ErChunks(er, on, onFrame, into);
                break;
            case DependType.PreviousFrame:
                AddFollowing(er, on, onFrame, into);
                break;
            case DependType.LayerOnSimFrame when depend.Row.OnFrame == onFrame:
                into.AddRange(Enumerable.Range(0, er.Count));
                break;
            default:
                break;
        }
    }

    /// <summary>The number of the edge from a frame to the one at <paramref name="place"/> among those it waits for.</summary>
    public static int Number(Depend depend, int erFrame, int place) => (erFrame * MostPerFrame(depend)) + place;

    /// <summary>The ends of the edge with this number; false if there is none.</summary>
    public static bool TryGetEdge(Depend depend, int number, out int erFrame, out int onFrame)
    {
        var most = MostPerFrame(depend);
        (erFrame, var place) = (number / most, number % most);
        onFrame = -1;
        if (number < 0 || erFrame >= depend.ErLayer!.Chunks.Count)
        {
            return false;
        }

        var on = new List<int>();
        OnFrames(depend, erFrame, on);
        onFrame = place < on.Count ? on[place] : -1;
        return onFrame >= 0;
    }

    /// <summary>
    /// True while neither end of the edge nor itself is marked; whether the depend as a whole is active is another question.
    /// </summary>
    public static bool IsOpen(Depend depend, int erFrame, int onFrame, int number) =>
        !depend.IsMarked(DependSide.On, onFrame) && !depend.IsMarked(DependSide.Er, erFrame) && !depend.IsMarked(DependSide.Edge, number);

    /// <summary>True if a frame has an edge that is open.</summary>
    internal static bool HasOpen(Depend depend, int erFrame) => CountOpen(depend, erFrame, []) > 0;

    /// <summary>Number of open edges, counted one by one.</summary>
    internal static int CountOpen(Depend depend)
    {
        var open = 0;
        var on = new List<int>();
        for (var er = 0; er < depend.ErLayer!.Chunks.Count; er++)
        {
            open += CountOpen(depend, er, on);
        }

        return open;
    }

    /// <summary>Adds the open edges to the counts of the frames that they hold, or takes them away.</summary>
    internal static void HoldOpen(Depend depend, int sign)
    {
        if (depend.OpenEdges == 0)
        {
            return;
        }

        var on = new List<int>();
        for (var er = 0; er < depend.ErLayer!.Chunks.Count; er++)
        {
            if (CountOpen(depend, er, on) is var count and > 0)
            {
                depend.ErLayer.ShiftDepends(er, sign * count);
            }
        }
    }

    /// <summary>Opens or closes the edges of those marks that changed. Marks of one row never share an edge.</summary>
    /// <param name="depend">The depend.</param>
    /// <param name="row">The marks as they are now.</param>
    /// <param name="changed">Which of them changed.</param>
    internal static void MarksChanged(Depend depend, DependMarksRow row, ulong changed)
    {
        var frames = new List<int>();
        for (; changed != 0; changed &= changed - 1)
        {
            var bit = BitOperations.TrailingZeroCount(changed);
            var index = (row.Segment * 64) + bit;
            var sign = (row.Bits & (1UL << bit)) != 0 ? -1 : 1;
            switch (row.Side)
            {
                case DependSide.On:
                    OnMarkChanged(depend, index, sign, frames);
                    break;
                case DependSide.Er:
                    Shift(depend, index, sign * CountOpenBesides(depend, index, frames));
                    break;
                default:
                    EdgeMarkChanged(depend, index, sign);
                    break;
            }
        }
    }

    private static void OnMarkChanged(Depend depend, int onFrame, int sign, List<int> er)
    {
        var on = new List<int>();
        ErFrames(depend, onFrame, er);
        foreach (var frame in er)
        {
            if (!depend.IsMarked(DependSide.Er, frame) && !IsEdgeMarked(depend, frame, onFrame, on))
            {
                Shift(depend, frame, sign);
            }
        }
    }

    private static void EdgeMarkChanged(Depend depend, int number, int sign)
    {
        if (TryGetEdge(depend, number, out var er, out var on)
            && !depend.IsMarked(DependSide.Er, er) && !depend.IsMarked(DependSide.On, on))
        {
            Shift(depend, er, sign);
        }
    }

    private static void Shift(Depend depend, int erFrame, int edges)
    {
        depend.OpenEdges += edges;
        if (depend.Row.Active && edges != 0)
        {
            depend.ErLayer!.ShiftDepends(erFrame, edges);
        }
    }

    private static int CountOpen(Depend depend, int erFrame, List<int> on) =>
        depend.IsMarked(DependSide.Er, erFrame) ? 0 : CountOpenBesides(depend, erFrame, on);

    /// <summary>Number of a frame's edges that are open but for the frame's own mark.</summary>
    private static int CountOpenBesides(Depend depend, int erFrame, List<int> on)
    {
        OnFrames(depend, erFrame, on);
        if (depend.Marks.Count == 0)
        {
            return on.Count;
        }

        var open = 0;
        for (var i = 0; i < on.Count; i++)
        {
            if (!depend.IsMarked(DependSide.On, on[i]) && !depend.IsMarked(DependSide.Edge, Number(depend, erFrame, i)))
            {
                open++;
            }
        }

        return open;
    }

    private static bool IsEdgeMarked(Depend depend, int erFrame, int onFrame, List<int> on)
    {
        if (depend.EdgeMarks == 0)
        {
            return false;
        }

        OnFrames(depend, erFrame, on);
        return depend.IsMarked(DependSide.Edge, Number(depend, erFrame, on.IndexOf(onFrame)));
    }

    /// <summary>
    /// The most edges that a frame can have, so that edge numbers don't overlap. A chunk has at most as many edges as members, so a depend
    /// has hardly more numbers than its layer has members.
    /// </summary>
    private static int MostPerFrame(Depend depend)
    {
        var (er, on) = Sides(depend);
        return depend.Row.Type == DependType.FrameByFrame ? Math.Min(er.ChunkSize, on.Count) : 1;
    }

    /// <summary>
    /// OpenCue joins the i-th frame of one range to the one before it in the other, and joins nothing where a chunk hides that frame. Here
    /// a chunk waits for the chunk that holds the frame before its first; without chunks that is the same.
    /// </summary>
    private static int PreviousOf(FrameChunks er, int erFrame, FrameChunks on)
    {
        var before = ((long)erFrame * er.ChunkSize) - 1;
        return before >= 0 && before < on.Set.Count ? (int)(before / on.ChunkSize) : -1;
    }

    private static void AddFollowing(FrameChunks er, FrameChunks on, int onFrame, List<int> into)
    {
        var first = (long)onFrame * on.ChunkSize;
        var last = first + on.Length(onFrame) - 1;
        for (var frame = (first / er.ChunkSize) + 1; frame < er.Count && (frame * er.ChunkSize) - 1 <= last; frame++)
        {
            into.Add((int)frame);
        }
    }

    private static (FrameChunks Er, FrameChunks On) Sides(Depend depend) => (depend.ErLayer!.Chunks, depend.OnLayer!.Chunks);
}
