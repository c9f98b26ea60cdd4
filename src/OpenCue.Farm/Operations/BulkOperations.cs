using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Operations;

/// <summary>
/// What people ask for many frames at once: stored when it is asked for, then done in chunks, so that nobody else waits for it.
/// </summary>
public static class BulkOperations
{
    /// <summary>
    /// Stores what is to be done to frames of a job. Null if there is nothing to do. Frames that do not exist are refused.
    /// </summary>
    public static BulkOperation? Request(FarmEdit edit, BulkKind kind, Job job, IEnumerable<FrameSpan> frames, string by, string reason)
    {
        var spans = frames.Where(s => s.Count > 0).ToValueList();
        foreach (var span in spans)
        {
            if (!edit.Farm.Layers.TryGetValue(span.LayerId, out var layer) || layer.Job != job
                || span.First < 0 || (long)span.First + span.Count > layer.FrameCount)
            {
                throw FarmException.NotFound(
                    $"The job {job.Row.Name} has no frames {span.First} to {span.First + span.Count - 1} in a layer {span.LayerId}.");
            }
        }

        if (spans.Count == 0)
        {
            return null;
        }

        return Add(edit, kind, job, spans, "", by, reason);
    }

    /// <summary>Stores in which order frames are to be booked.</summary>
    internal static BulkOperation RequestMoves(FarmEdit edit, Job job, ValueList<FrameSpan> spans, FrameMoves moves, string by) =>
        Add(edit, BulkKind.Reorder, job, spans, moves.ToString(), by, "");

    /// <summary>Stores that a depend holds frames that have run.</summary>
    internal static BulkOperation RequestHold(FarmEdit edit, Depend depend, IEnumerable<Layer> layers) =>
        Add(edit, BulkKind.Hold, depend.ErJob, [.. layers.Select(FrameSpans.All)], depend.Id.ToString(), edit.Actor.ToString(), "");

    private static BulkOperation Add(
        FarmEdit edit, BulkKind kind, Job job, ValueList<FrameSpan> spans, string argument, string by, string reason)
    {
        if (kind is BulkKind.Retry or BulkKind.Eat or BulkKind.Reorder)
        {
            // Whoever asks waits for the frames, so that the operation never has to, and holds up no other.
            JobRest.Wake(edit, job);
        }

        var operation = new BulkOperation(new BulkOperationRow
        {
            Id = edit.NewId(),
            Kind = kind,
            JobId = job.Id,
            Frames = spans,
            Argument = argument,
            By = by,
            Reason = reason,
            AtMs = edit.Now.WallMs,
            AtEngineMs = edit.Now.EngineMs,
        });
        edit.Add(operation);
        edit.Emit(
            FarmEventKind.OperationRequested, operation.Id, job.Id, to: (int)kind,
            reason: $"{kind} of {spans.Sum(s => s.Count)} frames of {job.Row.Name}{(reason.Length > 0 ? $": {reason}" : "")}");
        return operation;
    }

    /// <summary>
    /// Does the next chunk, of at most <see cref="FarmSettings.OperationChunk"/> frames. False when there is no more to do; the operation is
    /// gone then.
    /// </summary>
    public static bool Step(FarmEdit edit, BulkOperation operation)
    {
        var row = operation.Row;
        var (skip, left) = (row.Done, edit.Farm.Settings.OperationChunk);
        var moves = row.Kind == BulkKind.Reorder ? FrameMoves.Parse(row.Argument) : default;
        var depend = row.Kind == BulkKind.Hold ? edit.Farm.Depends.GetValueOrDefault(EntityId.Parse(row.Argument)) : null;
        foreach (var span in row.Frames)
        {
            if (skip >= span.Count)
            {
                skip -= span.Count;
                continue;
            }

            var count = Math.Min(span.Count - skip, left);
            if (edit.Farm.Layers.TryGetValue(span.LayerId, out var layer))
            {
                for (var i = 0; i < count; i++)
                {
                    if (row.Kind == BulkKind.Reorder)
                    {
                        FrameOrder.Move(edit, layer, moves, span.First, skip + i);
                    }
                    else if (row.Kind == BulkKind.Hold)
                    {
                        DependRules.HoldAgain(edit, depend, layer, span.First + skip + i);
                    }
                    else
                    {
                        Do(edit, row, layer, span.First + skip + i);
                    }
                }
            }

            left -= count;
            if (left == 0 && skip + count < span.Count)
            {
                break;
            }

            skip = 0;
        }

        var done = row.Done + edit.Farm.Settings.OperationChunk - left;
        if (done >= row.Frames.Sum(s => s.Count))
        {
            edit.Remove(operation);
            if (row.Kind == BulkKind.Hold && edit.Farm.Jobs.Find(row.JobId) is { } job)
            {
                // It may have waited for this, and nothing holds it after all.
                JobRules.ShutdownIfComplete(edit, job);
            }

            return false;
        }

        edit.Set(operation, row with { Done = done });
        return true;
    }

    private static void Do(FarmEdit edit, BulkOperationRow row, Layer layer, int ordinal)
    {
        switch (row.Kind)
        {
            case BulkKind.Retry:
                FrameOperations.Retry(edit, layer, ordinal, row.By, row.Reason);
                break;
            case BulkKind.Eat:
                FrameOperations.Eat(edit, layer, ordinal, row.By, row.Reason);
                break;
            case BulkKind.Kill when IsMeant(row, layer, ordinal):
                FrameOperations.Kill(edit, layer, ordinal, row.By, row.Reason);
                break;
            case BulkKind.MarkDone:
                DependRules.SatisfyFrame(edit, layer, ordinal);
                break;
            case BulkKind.KillJob when IsMeant(row, layer, ordinal):
                RunKills.Order(edit, layer.Runs[ordinal], FrameOperations.Order(edit, KillOutcome.Retry, row.By, row.Reason));
                break;
            default:
                break; // A kill of a run that has ended meanwhile.
        }
    }

    /// <summary>True if the frame still has the run that it had when the kill was asked for.</summary>
    private static bool IsMeant(BulkOperationRow row, Layer layer, int ordinal) =>
        layer.Runs.TryGetValue(ordinal, out var run) && run.Row.BookedEngineMs <= row.AtEngineMs;
}
