using OpenCue.Engine.Commands;
using OpenCue.Farm.Changes;

namespace OpenCue.Engine.Batches;

/// <summary>
/// What becomes durable together: first open (the writer applies commands to it), then sealed (its change set is on its way to the store), then
/// durable; or taken back.
/// </summary>
internal sealed class Batch(long sequence, TaskCreationOptions continuations)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<bool>? _settled;
    private bool? _outcome;

    /// <summary>Its number.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>Commands in it, in the order in which they were applied; refused ones too: their refusal may tell of what is not durable.</summary>
    public List<Command> Commands { get; } = [];

    /// <summary>Steps that changed something in it.</summary>
    public HashSet<StepState> Steps { get; } = [];

    /// <summary>Rows of it that patient steps changed.</summary>
    public int PatientRows { get; set; }

    /// <summary>What it changed; null while open.</summary>
    public ChangeSet? Changes { get; set; }

    /// <summary>The way back; null while open.</summary>
    public UndoLog? Undo { get; set; }

    /// <summary>True if it was made to find out which of its units the store refuses: nothing else is in it.</summary>
    public bool IsTrial { get; set; }

    /// <summary>Completes with true when the batch is durable, with false when it was taken back: what was seen of it does not hold.</summary>
    public Task<bool> Settled
    {
        get
        {
            lock (_lock)
            {
                if (_settled is null)
                {
                    _settled = new TaskCompletionSource<bool>(continuations);
                    if (_outcome is { } outcome)
                    {
                        _settled.SetResult(outcome);
                    }
                }

                return _settled.Task;
            }
        }
    }

    /// <summary>Tells everyone who saw the batch whether it holds.</summary>
    public void Settle(bool durable)
    {
        TaskCompletionSource<bool>? settled;
        lock (_lock)
        {
            _outcome = durable;
            settled = _settled;
        }

        settled?.TrySetResult(durable);
    }
}
