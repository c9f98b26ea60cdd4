namespace OpenCue.Simulator.Faults;

/// <summary>Tasks whose outcome nobody waits for.</summary>
internal static class TaskExtensions
{
    /// <summary>Looks at its failure, if it has one, so that it counts as seen.</summary>
    public static void Forget(this Task task) =>
        _ = task.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
