using OpenCue.Engine.Batches;
using OpenCue.Engine.Commands;
using OpenCue.Farm;
using OpenCue.Farm.Jobs;

namespace OpenCue.Engine.Paging;

/// <summary>The frames of one job on their way from the store, and who waits for them. The pager's lock guards it.</summary>
internal sealed class JobPage(FramesAwayException away, TaskCreationOptions continuations)
{
    private TaskCompletionSource _came = new(continuations);
    private Exception? _failure;
    private Task<IReadOnlyDictionary<EntityId, Frame[]>>? _read;
    private long _retryAt;

    public EntityId JobId { get; } = away.Job.Id;

    public string JobName { get; } = away.Job.Row.Name;

    /// <summary>The rest of the layers whose frames are read, as it was before.</summary>
    public IReadOnlyList<FramesAtRest> Away { get; } = away.Away;

    /// <summary>What there is to wait for, for those who give up.</summary>
    public string WaitsFor { get; set; } = $"the job {away.Job.Row.Name} has finished and its frames are being read from the store.";

    /// <summary>Commands that need the frames.</summary>
    public List<Command> Parked { get; } = [];

    /// <summary>Steps that need the frames.</summary>
    public HashSet<StepState> Steps { get; } = [];

    /// <summary>Completes when the frames are in the model, or with the reason why they can't come.</summary>
    public Task Came => _came.Task;

    /// <summary>True if a command or a step needs the frames: then a read that failed is tried again.</summary>
    public bool IsNeededByWriter => Parked.Count > 0 || Steps.Count > 0;

    /// <summary>True while the store is asked.</summary>
    public bool IsReading => _read is { IsCompleted: false };

    /// <summary>True if the read has ended.</summary>
    public bool IsRead => _read is { IsCompleted: true };

    /// <summary>What was read.</summary>
    public IReadOnlyDictionary<EntityId, Frame[]> Frames { get; private set; } = new Dictionary<EntityId, Frame[]>();

    /// <summary>Starts to read.</summary>
    public void Read(EngineCore core)
    {
        // A store that answers at once, as the one in memory, needs no thread: an engine driven by hand has none.
        var read = core.Store.ReadFramesAsync([.. Away.Select(rest => rest.Layer.Row)], core.Stop);
        _read = read;
        if (!read.IsCompleted)
        {
            // The signal follows the task's end: from inside of it, it could come before that.
            _ = read.ContinueWith(_ => core.Signal.Set(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        else
        {
            core.Signal.Set();
        }
    }

    /// <summary>Keeps what was read; returns what it failed with, if it did.</summary>
    public Exception? Outcome()
    {
        var read = _read!; // Only asked when the read has ended.
        _read = null;
        if (read.IsCompletedSuccessfully)
        {
            Frames = read.Result;
            return null;
        }

        return read.Exception?.InnerException ?? new OperationCanceledException();
    }

    /// <summary>Whoever waits is to be told that the frames can't come.</summary>
    public void Fail(Exception failure) => _failure = failure;

    /// <summary>Lets go whoever waits for the read that has ended.</summary>
    public void Complete()
    {
        if (_failure is { } failure)
        {
            _came.TrySetException(failure);
            _ = _came.Task.Exception;
        }
        else
        {
            _came.TrySetResult();
        }
    }

    /// <summary>Whoever waits is told; the read is tried again after a while, and who comes meanwhile waits for that.</summary>
    public void RetryIn(TimeSpan wait, TimeProvider time)
    {
        Complete();
        _retryAt = time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
        _came = new TaskCompletionSource(continuations);
        _failure = null;
    }

    /// <summary>How long until it is to be tried again; null if it is under way.</summary>
    public TimeSpan? UntilRetry(TimeProvider time) => _read is null ? time.GetElapsedTime(time.GetTimestamp(), _retryAt) : null;

    /// <summary>True if it has to be read now: it waits for its turn, or failed some time ago.</summary>
    public bool IsToRetry(TimeProvider time) => UntilRetry(time) <= TimeSpan.Zero;
}
