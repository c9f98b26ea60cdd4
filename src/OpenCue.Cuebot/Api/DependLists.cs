using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using DependType = OpenCue.Specs.Launch.DependType;

namespace OpenCue.Cuebot.Api;

/// <summary>A depend, or one edge of a depend that joins frames pairwise, to be read later: there may be very many.</summary>
/// <param name="Depend">The depend.</param>
/// <param name="Edge">The number of the edge; null for the depend as a whole.</param>
internal readonly record struct DependKey(EntityId Depend, int? Edge = null);

/// <summary>
/// Which depends clients see of a job, a layer or a frame. Edges are shown only of single frames, as depends of their own.
/// </summary>
internal static class DependLists
{
    /// <summary>All in which the job, one of its layers or of its frames waits, but for frames on frames.</summary>
    public static IReadOnlyList<DependKey> OfJob(Job job) => Keys(job.WaitsOn.Where(depend => depend.Row.Type != DependType.FrameOnFrame));

    /// <summary>Those that the job has as a whole.</summary>
    public static IReadOnlyList<DependKey> JobWaitsOn(Job job) => Keys(job.WaitsOn.Where(depend => depend.ErLayer is null));

    /// <summary>All in which something waits for the job, one of its layers or of its frames.</summary>
    public static IReadOnlyList<DependKey> WaitForJob(Job job) => Keys(job.WaitedFor);

    /// <summary>Those of the layer and of its frames.</summary>
    public static IReadOnlyList<DependKey> LayerWaitsOn(Layer layer) => Keys(layer.Job.WaitsOn.Where(depend => depend.ErLayer == layer));

    /// <summary>Those in which something waits for the layer or one of its frames.</summary>
    public static IReadOnlyList<DependKey> WaitForLayer(Layer layer) => Keys(layer.Job.WaitedFor.Where(depend => depend.OnLayer == layer));

    /// <summary>All that hold the frame: its own, those of its layer and of its job.</summary>
    public static IReadOnlyList<DependKey> FrameWaitsOn(Layer layer, int ordinal)
    {
        var keys = Keys(layer.Job.WaitsOn.Where(depend =>
            !depend.HasEdges && (depend.ErLayer is null || (depend.ErLayer == layer && (depend.Row.ErFrame is null || depend.Row.ErFrame == ordinal)))));
        var on = new List<int>();
        foreach (var depend in layer.Job.WaitsOn.Where(depend => depend.HasEdges && depend.ErLayer == layer))
        {
            DependEdges.OnFrames(depend, ordinal, on);
            for (var place = 0; place < on.Count; place++)
            {
                keys.Add(new DependKey(depend.Id, DependEdges.Number(depend, ordinal, place)));
            }
        }

        return keys;
    }

    /// <summary>Those in which something waits for this very frame.</summary>
    public static IReadOnlyList<DependKey> WaitForFrame(Layer layer, int ordinal)
    {
        var keys = Keys(layer.WaitedForFrame(ordinal).Where(depend => !depend.HasEdges));
        var (er, on) = (new List<int>(), new List<int>());
        foreach (var depend in layer.WaitedFor.Concat(layer.WaitedForFrame(ordinal)).Where(depend => depend.HasEdges))
        {
            DependEdges.ErFrames(depend, ordinal, er);
            foreach (var waiting in er)
            {
                DependEdges.OnFrames(depend, waiting, on);
                keys.Add(new DependKey(depend.Id, DependEdges.Number(depend, waiting, on.IndexOf(ordinal))));
            }
        }

        return keys;
    }

    /// <summary>Adds what a key stands for; nothing if it is gone.</summary>
    public static void Read(FarmModel farm, DependKey key, List<Wire.Depend> found)
    {
        if (!farm.Depends.TryGetValue(key.Depend, out var depend))
        {
            return;
        }

        if (key.Edge is not { } number)
        {
            found.Add(DependMessages.Of(depend));
        }
        else if (DependEdges.TryGetEdge(depend, number, out var erFrame, out var onFrame))
        {
            found.Add(DependMessages.OfEdge(depend, number, erFrame, onFrame));
        }
    }

    private static List<DependKey> Keys(IEnumerable<Depend> depends) => [.. depends.Select(depend => new DependKey(depend.Id))];
}
