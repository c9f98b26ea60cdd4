using OpenCue.Engine;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Operations;

namespace OpenCue.Cuebot.Hosting.Steps;

/// <summary>
/// Does what people asked for many frames, a chunk of one operation after a chunk of the next, so that a big one does not hold up the others.
/// </summary>
internal sealed class BulkOperationStep : IBatchStep
{
    private readonly Queue<EntityId> _turns = new();

    /// <inheritdoc/>
    public string Name => "bulk operations";

    /// <inheritdoc/>
    public Actor Actor { get; } = new(ActorKind.Server, "bulk operations");

    /// <inheritdoc/>
    public void OnFarmReplaced(FarmModel farm) => _turns.Clear();

    /// <inheritdoc/>
    public StepResult Run(FarmEdit edit, StepSlice slice)
    {
        var operations = edit.Farm.Operations;
        while (operations.Count > 0)
        {
            if (_turns.Count == 0)
            {
                // Ids grow with time: those that were asked for first come first.
                foreach (var id in operations.Keys.Order())
                {
                    _turns.Enqueue(id);
                }
            }

            if (operations.TryGetValue(_turns.Dequeue(), out var operation))
            {
                BulkOperations.Step(edit, operation);
                if (slice.IsOver)
                {
                    break;
                }
            }
        }

        return operations.Count > 0 ? StepResult.More : StepResult.Done;
    }
}
