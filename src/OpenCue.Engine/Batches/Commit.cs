namespace OpenCue.Engine.Batches;

/// <summary>How far the commit of a batch is.</summary>
internal enum CommitState
{
    /// <summary>The store has it and has not answered yet.</summary>
    Sent,

    /// <summary>The store answered with an error; <see cref="Commit.Failure"/> says which.</summary>
    Failed,

    /// <summary>Durable, but nobody looked at it yet. Only when the engine is driven by hand: then nothing goes on between two steps.</summary>
    Stored,

    /// <summary>Durable, and its callers are being answered.</summary>
    Durable,

    /// <summary>Durable, but the model does not show it: the writer has to put it in again and answer.</summary>
    DurableUnseen,
}

/// <summary>A sealed batch on its way to the store.</summary>
internal sealed class Commit(Batch batch, int rows)
{
    private readonly Lock _lock = new();
    private int _defectCountedAt;

    public Batch Batch { get; } = batch;

    /// <summary>Number of its rows, roughly.</summary>
    public int Rows { get; } = rows;

    /// <summary>How long the attempt took that succeeded. Set before <see cref="Succeed"/>, read after it.</summary>
    public TimeSpan Took { get; set; }

    public CommitState State
    {
        get
        {
            lock (_lock)
            {
                return field;
            }
        }

        private set;
    }

    /// <summary>True if the batch was taken out of the model because the store does not answer.</summary>
    public bool IsTakenOut { get; private set; }

    /// <summary>Why the last attempt failed.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Number of attempts.</summary>
    public int Attempts { get; private set; }

    /// <summary>How many attempts failed in a way that was not foreseen.</summary>
    public int Defects { get; private set; }

    /// <summary>Counts the last attempt's failure as one that was not foreseen. False if it was counted before.</summary>
    public bool CountDefect()
    {
        if (_defectCountedAt == Attempts)
        {
            return false;
        }

        _defectCountedAt = Attempts;
        Defects++;
        return true;
    }

    /// <summary>Timestamp of the first attempt's start.</summary>
    public long StartedAt { get; private set; }

    /// <summary>Timestamp of the last attempt's start.</summary>
    public long SentAt { get; private set; }

    /// <summary>Timestamp of the last attempt's failure.</summary>
    public long FailedAt { get; private set; }

    /// <summary>The attempt under way, with all that follows from it.</summary>
    public Task Attempt { get; set; } = Task.CompletedTask;

    /// <summary>An attempt begins.</summary>
    public void Send(long timestamp)
    {
        lock (_lock)
        {
            StartedAt = Attempts == 0 ? timestamp : StartedAt;
            SentAt = timestamp;
            Attempts++;
            State = CommitState.Sent;
            Failure = null;
        }
    }

    /// <summary>The attempt failed.</summary>
    public void Fail(Exception failure, long timestamp)
    {
        lock (_lock)
        {
            Failure = failure;
            FailedAt = timestamp;
            State = CommitState.Failed;
        }
    }

    /// <summary>The attempt succeeded; <see cref="Succeed"/> follows when somebody looks.</summary>
    public void Store()
    {
        lock (_lock)
        {
            State = CommitState.Stored;
        }
    }

    /// <summary>The attempt succeeded. True if the callers may be answered at once: the model shows the batch.</summary>
    public bool Succeed()
    {
        lock (_lock)
        {
            State = IsTakenOut ? CommitState.DurableUnseen : CommitState.Durable;
            return !IsTakenOut;
        }
    }

    /// <summary>The writer is going to take the batch out of the model. False if it has become durable.</summary>
    public bool TryTakeOut()
    {
        lock (_lock)
        {
            IsTakenOut = State is CommitState.Sent or CommitState.Failed;
            return IsTakenOut;
        }
    }
}
