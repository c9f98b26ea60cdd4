using OpenCue.Engine;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Operations;

namespace OpenCue.Cuebot.Hosting.Steps;

/// <summary>
/// Does what people asked for many frames, a chunk of one operation after a chunk of the next, so that a big one does not hold up the others. One that
/// fails is undone, told of and tried again later; the others go on.
/// </summary>
internal sealed class BulkOperationStep : IBatchStep
{
    private const long RestMs = 60_000;

    private readonly Queue<EntityId> _turns = new();
    private readonly Dictionary<EntityId, long> _restsUntilEngineMs = [];

    /// <inheritdoc/>
    public string Name => "bulk operations";

    /// <inheritdoc/>
    public Actor Actor { get; } = new(ActorKind.Server, "bulk operations");

    /// <inheritdoc/>
    public bool IsPatient => true;

    /// <inheritdoc/>
    public void OnFarmReplaced(FarmModel farm)
    {
        _turns.Clear();
        _restsUntilEngineMs.Clear();
    }

    /// <inheritdoc/>
    public StepResult Run(FarmEdit edit, StepSlice slice)
    {
        var operations = edit.Farm.Operations;
        FramesAwayException? away = null;
        var (didAny, didInRound, over) = (false, true, false);
        if (operations.Count > 0 && slice.AreEventsBehind)
        {
            // Each frame is told of: whoever listens shall miss none.
            return StepResult.WaitForSinks;
        }

        while (!over)
        {
            if (_turns.Count == 0)
            {
                if (!didInRound || Queue(edit) == 0)
                {
                    break;
                }

                didInRound = false;
            }

            if (operations.TryGetValue(_turns.Dequeue(), out var operation) && !IsResting(edit, operation))
            {
                try
                {
                    if (Step(edit, operation))
                    {
                        (didAny, didInRound) = (true, true);
                    }
                }
                catch (FramesAwayException need)
                {
                    away = need;
                }

                over = slice.IsOver;
            }
        }

        if (!didAny && away is not null)
        {
            // Nothing else to do until its frames are here: the engine fetches them.
            throw away;
        }

        return operations.Values.Any(o => !IsResting(edit, o)) ? StepResult.More : StepResult.Done;
    }

    private int Queue(FarmEdit edit)
    {
        // Ids grow with time: those that were asked for first come first.
        foreach (var id in edit.Farm.Operations.Keys.Order())
        {
            _turns.Enqueue(id);
        }

        return _turns.Count;
    }

    /// <summary>Does a chunk. False if that failed and was undone.</summary>
    private bool Step(FarmEdit edit, BulkOperation operation)
    {
        var mark = edit.Mark;
        try
        {
            if (!BulkOperations.Step(edit, operation))
            {
                _restsUntilEngineMs.Remove(operation.Id);
            }

            return true;
        }
        catch (FramesAwayException)
        {
            edit.RollBack(mark);
            throw;
        }
        catch (Exception defect)
        {
            edit.RollBack(mark);
            _restsUntilEngineMs[operation.Id] = edit.Now.EngineMs + RestMs;
            var row = operation.Row;
            edit.Emit(
                FarmEventKind.Alarm,
                operation.Id,
                row.JobId,
                reason: $"{row.Kind} of frames, asked for by {row.By}, fails after {row.Done} frames and is tried again in {RestMs / 1000} s: {defect.Message}");
            return false;
        }
    }

    private bool IsResting(FarmEdit edit, BulkOperation operation) =>
        _restsUntilEngineMs.TryGetValue(operation.Id, out var until) && edit.Now.EngineMs < until;
}
