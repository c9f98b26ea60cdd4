namespace OpenCue.Rqd.Frames;

/// <summary>Tasks that run on their own and are waited for at the end.</summary>
internal sealed class TaskSet
{
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _tasks = [];

    public void Add(Task task)
    {
        lock (_lock)
        {
            _tasks.Add(task);
        }

        _ = task.ContinueWith(
            done =>
            {
                // One that failed stays, so that its exception comes out at the end.
                if (done.IsFaulted)
                {
                    return;
                }

                lock (_lock)
                {
                    _tasks.Remove(done);
                }
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public Task WhenAllAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_tasks);
        }
    }
}
