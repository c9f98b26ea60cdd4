using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Operations;

namespace OpenCue.Farm.Depends;

public static partial class DependRules
{
    /// <summary>Satisfies all that waits for this frame: it succeeded, or a person says it counts as done.</summary>
    public static void SatisfyFrame(FarmEdit edit, Layer layer, int ordinal)
    {
        foreach (var depend in layer.WaitedFor)
        {
            if (!depend.Row.Active)
            {
                continue;
            }

            if (depend.HasEdges)
            {
                SatisfyEdgesOn(edit, depend, ordinal);
            }
            else if (depend.Row.AnyFrame)
            {
                Close(edit, depend, dropped: false);
            }
        }

        foreach (var depend in layer.WaitedForFrame(ordinal))
        {
            if (depend.Row.Active && depend.HasEdges)
            {
                SatisfyEdgesOn(edit, depend, ordinal);
            }
            else if (depend.Row.Active)
            {
                Close(edit, depend, dropped: false);
            }
        }
    }

    /// <summary>Satisfies all that waits for this layer as a whole.</summary>
    public static void SatisfyLayer(FarmEdit edit, Layer layer)
    {
        foreach (var depend in layer.WaitedFor)
        {
            if (depend.Row.Active && !depend.HasEdges)
            {
                Close(edit, depend, dropped: false);
            }
        }
    }

    /// <summary>Satisfies all that waits for this job as a whole. A kill does it too.</summary>
    public static void SatisfyJob(FarmEdit edit, Job job)
    {
        foreach (var depend in job.WaitedForAsWhole)
        {
            if (depend.Row.Active)
            {
                Close(edit, depend, dropped: false);
            }
        }
    }

    /// <summary>
    /// After a frame was retried: who waited for it alone, or for its whole layer, waits again, also if done already. Depends that a person
    /// let go stay so (in OpenCue they come back), and a finished job is left in peace. As in OpenCue it reaches one level and not what
    /// waits as, or for, other things.
    /// </summary>
    public static void Rearm(FarmEdit edit, Layer layer, int ordinal)
    {
        foreach (var depend in layer.WaitedFor)
        {
            if (CanRearm(depend) && depend.HasEdges)
            {
                RearmEdgesOn(edit, depend, ordinal);
            }
            else if (CanRearm(depend) && depend.Row is { Type: DependType.LayerOnLayer, Active: false }
                && (!depend.Row.AnyFrame || layer.Counts[FrameState.Succeeded] == 0))
            {
                Arm(edit, depend);
            }
        }

        foreach (var depend in layer.WaitedForFrame(ordinal))
        {
            if (CanRearm(depend) && depend.HasEdges)
            {
                RearmEdgesOn(edit, depend, ordinal);
            }
            else if (CanRearm(depend) && depend.Row is { Type: DependType.FrameOnFrame, Active: false })
            {
                Arm(edit, depend);
            }
        }
    }

    private static bool CanRearm(Depend depend) => !depend.Row.Dropped && depend.ErJob.Row.State != JobState.Finished;

    private static void SatisfyEdgesOn(FarmEdit edit, Depend depend, int onFrame)
    {
        var er = new List<int>();
        DependEdges.ErFrames(depend, onFrame, er);
        if (er.Count > 0 && !depend.IsMarked(DependSide.On, onFrame))
        {
            Mark(edit, depend, DependSide.On, onFrame, done: true);
            CloseIfDone(edit, depend);
        }
    }

    private static void RearmEdgesOn(FarmEdit edit, Depend depend, int onFrame)
    {
        // One that is closed as a whole, without this mark, was so for another reason.
        if (depend.IsMarked(DependSide.On, onFrame))
        {
            edit.Set(depend, depend.Row with { Active = true, SatisfiedAtMs = 0 });
            Mark(edit, depend, DependSide.On, onFrame, done: false);
            CloseIfDone(edit, depend);
            var er = new List<int>();
            DependEdges.ErFrames(depend, onFrame, er);
            foreach (var frame in er)
            {
                HoldStopped(edit, depend.ErLayer!, frame);
            }
        }
    }

    /// <summary>Makes a depend active; what it holds and has run already goes back to DEPEND, to run again.</summary>
    private static void Arm(FarmEdit edit, Depend depend)
    {
        edit.Set(depend, depend.Row with { Active = true, Dropped = false, SatisfiedAtMs = 0 });
        if (depend.ErJob.Row.State == JobState.Startup)
        {
            return; // None of its frames has run.
        }

        IReadOnlyList<Layer> layers = depend.ErLayer is { } single ? [single] : depend.ErJob.Layers;
        if (depend.Row.ErFrame is null && layers.Sum(StoppedFrames) > edit.Farm.Settings.BulkChunk)
        {
            BulkOperations.RequestHold(edit, depend, layers);
            return;
        }

        foreach (var layer in layers)
        {
            var (first, end) = depend.Row.ErFrame is { } frame ? (frame, frame + 1) : (0, layer.FrameCount);
            for (var i = first; i < end; i++)
            {
                if (IsStoppedOrFreed(layer.Frames[i]) && (!depend.HasEdges || DependEdges.HasOpen(depend, i)))
                {
                    HoldStopped(edit, layer, i);
                }
            }
        }
    }

    /// <summary>As <see cref="Arm"/> does, for one frame, some time later: only if the depend still holds it.</summary>
    internal static void HoldAgain(FarmEdit edit, Depend? depend, Layer layer, int ordinal)
    {
        if (depend is { Row.Active: true } && depend.ErJob.Row.State != JobState.Finished && IsStoppedOrFreed(layer.Frames[ordinal])
            && (!depend.HasEdges || DependEdges.HasOpen(depend, ordinal)))
        {
            HoldStopped(edit, layer, ordinal);
        }
    }

    /// <summary>How many frames at most go back to wait when something holds the layer.</summary>
    private static long StoppedFrames(Layer layer) =>
        layer.FrameCount - layer.Counts[FrameState.Depend] - layer.Counts[FrameState.Running] - layer.Counts[FrameState.Eaten];

    /// <summary>
    /// A frame that has run, and one that a person freed from its depends, is held by a new depend as well. One that runs goes on and, if
    /// it succeeds, stays SUCCEEDED: its run began before the depend. An eaten one stays eaten.
    /// </summary>
    private static void HoldStopped(FarmEdit edit, Layer layer, int ordinal)
    {
        var frame = layer.Frames[ordinal];
        if (frame.DependCount > 0 && IsStoppedOrFreed(frame))
        {
            frame.Flags &= ~FrameFlags.DependsIgnored;
            frame.State = frame.State is FrameState.Running or FrameState.Eaten ? frame.State : FrameState.Depend;
            FrameRules.Move(edit, layer, ordinal, frame);
        }
    }

    private static bool IsStoppedOrFreed(in Frame frame) =>
        frame.State is FrameState.Succeeded or FrameState.Dead or FrameState.Checkpoint || frame.Has(FrameFlags.DependsIgnored);

    /// <summary>Makes a depend inactive as a whole.</summary>
    private static void Close(FarmEdit edit, Depend depend, bool dropped) =>
        edit.Set(depend, depend.Row with { Active = false, Dropped = dropped, SatisfiedAtMs = edit.Now.WallMs });

    private static void CloseIfDone(FarmEdit edit, Depend depend)
    {
        if (depend.Row.Active && depend.OpenEdges == 0)
        {
            edit.Set(depend, depend.Row with { Active = false, SatisfiedAtMs = edit.Now.WallMs });
        }
    }

    private static void Mark(FarmEdit edit, Depend depend, DependSide side, int index, bool done)
    {
        var bit = 1UL << (index % 64);
        if (depend.Marks.TryGetValue((side, index / 64), out var marks))
        {
            edit.Set(marks, marks.Row with { Bits = done ? marks.Row.Bits | bit : marks.Row.Bits & ~bit });
        }
        else if (done)
        {
            edit.Add(new DependMarks(new DependMarksRow(edit.NewId(), depend.Id, side, index / 64, bit), depend));
        }
    }
}
