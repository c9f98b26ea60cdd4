using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Depends;

public static partial class DependRules
{
    /// <summary>Satisfies a depend by its id, or one edge of a depend by the id that clients see of it.</summary>
    public static void Satisfy(FarmEdit edit, EntityId id)
    {
        var (depend, number) = Get(edit.Farm, id);
        if (number is not { } edge)
        {
            if (depend.Row.Active)
            {
                Close(edit, depend, dropped: true);
            }
        }
        else
        {
            Mark(edit, depend, DependSide.Edge, edge, done: true);
            CloseIfDone(edit, depend);
        }
    }

    /// <summary>
    /// Makes a satisfied depend hold again: one of type FRAME_ON_FRAME or LAYER_ON_LAYER, or an edge. Others are refused (OpenCue says OK
    /// and does nothing).
    /// </summary>
    public static void Unsatisfy(FarmEdit edit, EntityId id)
    {
        var (depend, number) = Get(edit.Farm, id);
        if (number is null && depend.Row.Type is not (DependType.FrameOnFrame or DependType.LayerOnLayer))
        {
            throw FarmException.Precondition(
                $"A depend of type {depend.Row.Type} can't be made to hold again, only those of frames on frames and layers on layers. "
                + "Create it anew.");
        }

        if (depend.ErJob.Row.State == JobState.Finished)
        {
            throw FarmException.Precondition(
                $"The job {depend.ErJob.Row.Name} is finished: nothing of it can wait any more. Retry a frame of it first.");
        }

        if (number is { } edge)
        {
            OpenEdge(edit, depend, edge);
        }
        else if (!depend.Row.Active)
        {
            Arm(edit, depend);
        }
    }

    /// <summary>Lets go of all that the job, its layers and its frames wait for.</summary>
    public static void DropOf(FarmEdit edit, Job job, DependTarget target)
    {
        foreach (var depend in job.WaitsOn)
        {
            DropIfMeant(edit, depend, target);
        }
    }

    /// <summary>Lets go of all that the layer waits for; what single frames of it wait for stays.</summary>
    public static void DropOf(FarmEdit edit, Layer layer, DependTarget target)
    {
        foreach (var depend in layer.Job.WaitsOn)
        {
            if (depend.ErLayer == layer && depend.Row.ErFrame is null)
            {
                DropIfMeant(edit, depend, target);
            }
        }
    }

    /// <summary>Lets go of all that the frame by itself waits for.</summary>
    public static void DropOf(FarmEdit edit, Layer layer, int ordinal, DependTarget target)
    {
        foreach (var depend in layer.Job.WaitsOn)
        {
            if (depend.ErLayer != layer || !depend.Row.Active || !IsMeant(depend, target))
            {
                continue;
            }

            if (depend.Row.ErFrame == ordinal)
            {
                Close(edit, depend, dropped: true);
            }
            else if (depend.HasEdges)
            {
                Mark(edit, depend, DependSide.Er, ordinal, done: true);
                CloseIfDone(edit, depend);
            }
        }
    }

    /// <summary>Takes a depend out of the farm: one of its jobs leaves. What it held is free.</summary>
    public static void Remove(FarmEdit edit, Depend depend)
    {
        // First the depend, with all its edges, then their marks: the other way round they would hold frames once more.
        var marks = depend.Marks.Values.ToArray();
        edit.Remove(depend);
        foreach (var mark in marks)
        {
            edit.Remove(mark);
        }
    }

    private static void DropIfMeant(FarmEdit edit, Depend depend, DependTarget target)
    {
        if (depend.Row.Active && IsMeant(depend, target))
        {
            Close(edit, depend, dropped: true);
        }
    }

    private static bool IsMeant(Depend depend, DependTarget target) => target switch
    {
        DependTarget.Internal => depend.IsInternal,
        DependTarget.External => !depend.IsInternal,
        _ => true,
    };

    /// <summary>Opens one edge. A mark at one of its ends stands for other edges too: they get marks of their own instead.</summary>
    private static void OpenEdge(FarmEdit edit, Depend depend, int edge)
    {
        if (!DependEdges.TryGetEdge(depend, edge, out var er, out var on)
            || (depend.Row.Active && DependEdges.IsOpen(depend, er, on, edge)))
        {
            return;
        }

        if (!depend.Row.Active && depend.OpenEdges > 0)
        {
            // Let go as a whole while edges were open: those stay done one by one.
            MarkOpenEdges(edit, depend);
        }

        MoveMarkToEdges(edit, depend, DependSide.On, on);
        MoveMarkToEdges(edit, depend, DependSide.Er, er);
        edit.Set(depend, depend.Row with { Active = true, Dropped = false, SatisfiedAtMs = 0 });
        Mark(edit, depend, DependSide.Edge, edge, done: false);
        HoldStopped(edit, depend.ErLayer!, er);
    }

    private static void MoveMarkToEdges(FarmEdit edit, Depend depend, DependSide side, int index)
    {
        if (!depend.IsMarked(side, index))
        {
            return;
        }

        var others = new List<int>();
        if (side == DependSide.Er)
        {
            others.Add(index);
        }
        else
        {
            DependEdges.ErFrames(depend, index, others);
        }

        var on = new List<int>();
        foreach (var er in others)
        {
            DependEdges.OnFrames(depend, er, on);
            for (var place = 0; place < on.Count; place++)
            {
                if (side == DependSide.Er || on[place] == index)
                {
                    Mark(edit, depend, DependSide.Edge, DependEdges.Number(depend, er, place), done: true);
                }
            }
        }

        Mark(edit, depend, side, index, done: false);
    }

    private static void MarkOpenEdges(FarmEdit edit, Depend depend)
    {
        var on = new List<int>();
        for (var er = 0; er < depend.ErLayer!.FrameCount; er++)
        {
            DependEdges.OnFrames(depend, er, on);
            for (var place = 0; place < on.Count; place++)
            {
                Mark(edit, depend, DependSide.Edge, DependEdges.Number(depend, er, place), done: true);
            }
        }
    }

    private static (Depend Depend, int? Edge) Get(FarmModel farm, EntityId id)
    {
        if (farm.Depends.TryGetValue(id, out var depend))
        {
            return (depend, null);
        }

        return farm.Depends.TryGetValue(id.Layer, out depend) && depend.HasEdges
            && DependEdges.TryGetEdge(depend, id.FrameOrdinal, out _, out _)
            ? (depend, id.FrameOrdinal)
            : throw FarmException.NotFound($"There is no depend {id}.");
    }
}
