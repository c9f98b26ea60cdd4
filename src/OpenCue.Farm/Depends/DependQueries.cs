using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Depends;

/// <summary>What clients ask about depends. Active and inactive ones are answered alike, in the order in which they were made.</summary>
public static class DependQueries
{
    /// <summary>The depend, or edge of one, with this id; null if there is none.</summary>
    public static DependView? Find(FarmModel farm, EntityId id)
    {
        if (farm.Depends.TryGetValue(id, out var depend))
        {
            return DependView.Of(depend);
        }

        return farm.Depends.TryGetValue(id.Layer, out depend) && depend.HasEdges
            && DependEdges.TryGetEdge(depend, id.FrameOrdinal, out var er, out var on)
            ? new DependView(depend, id.FrameOrdinal, er, on)
            : null;
    }

    /// <summary>What waits for the job, one of its layers or one of its frames.</summary>
    public static IEnumerable<DependView> WhatDependsOn(Job job) => Views(job.WaitedFor);

    /// <summary>What waits for the layer or one of its frames.</summary>
    public static IEnumerable<DependView> WhatDependsOn(Layer layer) => Views(layer.Job.WaitedFor.Where(d => d.OnLayer == layer));

    /// <summary>What waits for this one frame.</summary>
    public static IEnumerable<DependView> WhatDependsOn(Layer layer, int ordinal)
    {
        var plain = layer.WaitedForFrame(ordinal).Where(d => !d.HasEdges);
        var joining = layer.WaitedForFrame(ordinal).Concat(layer.WaitedFor).Where(d => d.HasEdges);
        return Views(plain).Concat(Ordered(joining).SelectMany(d => EdgesOn(d, ordinal)));
    }

    /// <summary>What the job as a whole waits for.</summary>
    public static IEnumerable<DependView> WhatThisDependsOn(Job job) => Views(job.WaitsOn.Where(d => d.ErLayer is null));

    /// <summary>What the layer, or a frame of it, waits for.</summary>
    public static IEnumerable<DependView> WhatThisDependsOn(Layer layer) => Views(layer.Job.WaitsOn.Where(d => d.ErLayer == layer));

    /// <summary>All that holds this frame: depends of its job, of its layer, and its own.</summary>
    public static IEnumerable<DependView> WhatThisDependsOn(Layer layer, int ordinal)
    {
        foreach (var depend in Ordered(layer.Job.WaitsOn))
        {
            if (depend.ErLayer is not null && (depend.ErLayer != layer || (depend.Row.ErFrame ?? ordinal) != ordinal))
            {
                continue;
            }

            if (!depend.HasEdges)
            {
                yield return DependView.Of(depend);
                continue;
            }

            foreach (var edge in EdgesOf(depend, ordinal))
            {
                yield return edge;
            }
        }
    }

    /// <summary>What the job, its layers and its frames wait for, single frames on single frames left out.</summary>
    public static IEnumerable<DependView> DependsOf(Job job) => Views(job.WaitsOn.Where(d => d.Row.Type != DependType.FrameOnFrame));

    /// <summary>The edges of a frame that waits.</summary>
    public static IEnumerable<DependView> EdgesOf(Depend depend, int erFrame)
    {
        var on = new List<int>();
        DependEdges.OnFrames(depend, erFrame, on);
        for (var place = 0; place < on.Count; place++)
        {
            yield return new DependView(depend, DependEdges.Number(depend, erFrame, place), erFrame, on[place]);
        }
    }

    private static IEnumerable<DependView> EdgesOn(Depend depend, int onFrame)
    {
        var er = new List<int>();
        DependEdges.ErFrames(depend, onFrame, er);
        return er.SelectMany(frame => EdgesOf(depend, frame)).Where(edge => edge.OnFrame == onFrame);
    }

    private static IEnumerable<DependView> Views(IEnumerable<Depend> depends) => Ordered(depends).Select(DependView.Of);

    private static IOrderedEnumerable<Depend> Ordered(IEnumerable<Depend> depends) =>
        depends.OrderBy(d => d.Row.CreatedAtMs).ThenBy(d => d.Id);
}
