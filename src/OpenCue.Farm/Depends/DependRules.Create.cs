using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Specs.Ranges;

namespace OpenCue.Farm.Depends;

/// <summary>
/// How depends come to be, are satisfied, dropped and brought back. What they do to frames' states follows from the rows by itself.
/// </summary>
public static partial class DependRules
{
    /// <summary>
    /// Makes something wait for something else. If it does already, that depend is returned (OpenCue refuses most duplicates). What is
    /// waited for may be done: then nothing waits, and the depend is born satisfied. Throws <see cref="FarmException"/> for what can't be
    /// waited for.
    /// </summary>
    /// <param name="edit">The edit.</param>
    /// <param name="type">What waits for what; both ends must be of the kinds that the type says.</param>
    /// <param name="er">What waits.</param>
    /// <param name="on">What it waits for. For <see cref="DependType.LayerOnSimFrame"/> the frame.</param>
    /// <param name="anyFrame">Layer on layer: one frame that succeeds is enough.</param>
    public static Depend Create(FarmEdit edit, DependType type, DependEnd er, DependEnd on, bool anyFrame = false)
    {
        Check(type, er, on);
        if (type == DependType.FrameByFrame && FrameByFrame.IsLayerOnLayer(er.Layer!.Chunks, on.Layer!.Chunks))
        {
            type = DependType.LayerOnLayer;
        }

        anyFrame &= type == DependType.LayerOnLayer;
        var done = IsDone(type, on, anyFrame);
        if (FindSame(type, er, on, anyFrame, done) is { } same)
        {
            return same;
        }

        // It comes in without effect, so that edges on frames that are done never hold anybody, not even for a moment.
        var depend = new Depend(
            new DependRow
            {
                Id = edit.NewId(),
                Type = type,
                AnyFrame = anyFrame,
                Active = false,
                ErJobId = er.Job.Id,
                ErLayerId = er.Layer?.Id,
                ErFrame = er.Frame,
                OnJobId = on.Job.Id,
                OnLayerId = on.Layer?.Id,
                OnFrame = on.Frame,
                CreatedAtMs = edit.Now.WallMs,
                SatisfiedAtMs = edit.Now.WallMs,
            },
            er.Job,
            er.Layer,
            on.Job,
            on.Layer);
        edit.Add(depend);
        if (depend.HasEdges)
        {
            MarkFramesDone(edit, depend);
        }

        if (depend.HasEdges ? depend.OpenEdges > 0 : !done)
        {
            Arm(edit, depend);
        }

        return depend;
    }

    /// <summary>The type that joins these two ends.</summary>
    public static DependType TypeOf(DependEnd er, DependEnd on) => (Level(er), Level(on)) switch
    {
        (0, 0) => DependType.JobOnJob,
        (0, 1) => DependType.JobOnLayer,
        (0, _) => DependType.JobOnFrame,
        (1, 0) => DependType.LayerOnJob,
        (1, 1) => DependType.LayerOnLayer,
        (1, _) => DependType.LayerOnFrame,
        (_, 0) => DependType.FrameOnJob,
        (_, 1) => DependType.FrameOnLayer,
        _ => DependType.FrameOnFrame,
    };

    /// <summary>True for the types that wait for a job as a whole.</summary>
    public static bool WaitsForJob(DependType type) => Levels(type).On == 0;

    /// <summary>
    /// True for a frame-by-frame depend on the tiles of another job. OpenCue's clients cut a frame into tiles as layers whose names hold
    /// <c>_tile_</c>, and OpenCue makes no such depend.
    /// </summary>
    public static bool IsOnForeignTiles(DependType type, DependEnd er, DependEnd on) =>
        type == DependType.FrameByFrame && er.Job != on.Job && on.Layer is { } layer
        && layer.Row.Name.Contains("_tile_", StringComparison.Ordinal);

    private static void Check(DependType type, DependEnd er, DependEnd on)
    {
        var (erLevel, onLevel) = Levels(type);
        if (Level(er) != erLevel || Level(on) != onLevel)
        {
            throw FarmException.Invalid($"A depend of type {type} can't join {er} and {on}.");
        }

        var itself = type switch
        {
            DependType.PreviousFrame => false,
            DependType.FrameOnFrame => er == on,
            DependType.JobOnJob or DependType.JobOnLayer or DependType.JobOnFrame => er.Job == on.Job,
            DependType.LayerOnJob or DependType.FrameOnJob => er.Job == on.Job,
            _ => er.Layer == on.Layer,
        };
        if (itself)
        {
            var what = er == on ? "itself" : $"the {on}, which is a part of it or the whole of it";
            throw new FarmException(Refusal.Internal, $"The {er} can't depend on {what}.");
        }

        if (er.Job.Row.State == JobState.Finished)
        {
            throw FarmException.Precondition(
                $"The job {er.Job.Row.Name} is finished: nothing of it can wait any more. Retry a frame of it first.");
        }

        // OpenCue looks at the frames alone, and so lets a job wait for ever for one that was killed.
        if (on.Layer is null && (on.Job.Row.State == JobState.Finished || (on.Job.IsVisible && on.Job.Frames.Complete)))
        {
            throw new FarmException(Refusal.Internal, "The job you are depending on is already complete.");
        }

        if (IsOnForeignTiles(type, er, on))
        {
            throw new FarmException(
                Refusal.Internal, $"The {er} can't depend frame by frame on the {on}: its frames are tiles. Depend on the whole layer.");
        }
    }

    /// <summary>True if nothing has to be waited for.</summary>
    private static bool IsDone(DependType type, DependEnd on, bool anyFrame) => type switch
    {
        DependType.JobOnLayer or DependType.FrameOnLayer or DependType.LayerOnLayer =>
            on.Job.IsVisible && (on.Layer!.Counts.Complete || (anyFrame && on.Layer.Counts[FrameState.Succeeded] > 0)),
        DependType.JobOnFrame or DependType.LayerOnFrame or DependType.FrameOnFrame => IsDone(on.Layer!.Frames[on.Frame!.Value].State),
        _ => false,
    };

    private static bool IsDone(FrameState state) => state is FrameState.Succeeded or FrameState.Eaten;

    private static void MarkFramesDone(FarmEdit edit, Depend depend)
    {
        var on = depend.OnLayer!;
        if (on.Counts[FrameState.Succeeded] + on.Counts[FrameState.Eaten] == 0)
        {
            return;
        }

        var er = new List<int>();
        for (var i = 0; i < on.FrameCount; i++)
        {
            if (IsDone(on.Frames[i].State))
            {
                DependEdges.ErFrames(depend, i, er);
                if (er.Count > 0)
                {
                    Mark(edit, depend, DependSide.On, i, done: true);
                }
            }
        }
    }

    private static Depend? FindSame(DependType type, DependEnd er, DependEnd on, bool anyFrame, bool done)
    {
        IEnumerable<Depend> candidates = on switch
        {
            { Layer: { } layer, Frame: { } frame } => layer.WaitedForFrame(frame),
            { Layer: { } layer } => layer.WaitedFor,
            _ => on.Job.WaitedForAsWhole,
        };
        foreach (var depend in candidates)
        {
            if (depend.Row.Type == type && depend.ErJob == er.Job && depend.ErLayer == er.Layer && depend.Row.ErFrame == er.Frame
                && depend.Row.AnyFrame == anyFrame && (depend.Row.Active || done))
            {
                return depend;
            }
        }

        return null;
    }

    private static int Level(DependEnd end) => end.Layer is null ? 0 : end.Frame is null ? 1 : 2;

    /// <summary>Of what kind the ends of a depend are: 0 a job, 1 a layer, 2 a frame.</summary>
    internal static (int Er, int On) Levels(DependType type) => type switch
    {
        DependType.JobOnJob => (0, 0),
        DependType.JobOnLayer => (0, 1),
        DependType.JobOnFrame => (0, 2),
        DependType.LayerOnJob => (1, 0),
        DependType.LayerOnLayer or DependType.FrameByFrame or DependType.PreviousFrame => (1, 1),
        DependType.LayerOnFrame or DependType.LayerOnSimFrame => (1, 2),
        DependType.FrameOnJob => (2, 0),
        DependType.FrameOnLayer => (2, 1),
        _ => (2, 2),
    };
}
