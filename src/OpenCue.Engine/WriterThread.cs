namespace OpenCue.Engine;

/// <summary>Gives the writer a thread, and each sink a task.</summary>
internal sealed class WriterThread(EngineCore core, FarmWriter writer)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs the writer until it is over, then lets the sinks finish.</summary>
    public async Task RunAsync()
    {
        using var stopSinks = CancellationTokenSource.CreateLinkedTokenSource(writer.GivenUp);
        Task[] sinks =
        [
            writer.Effects?.RunAsync(writer.OnSinkMoved, stopSinks.Token) ?? Task.CompletedTask,
            writer.Events?.RunAsync(writer.OnSinkMoved, stopSinks.Token) ?? Task.CompletedTask,
        ];
        new Thread(Loop) { IsBackground = true, Name = "farm writer" }.Start();
        await _ended.Task.ConfigureAwait(false);
        await writer.Released.ConfigureAwait(false);
        writer.Effects?.Close();
        writer.Events?.Close();
        if (core.Status.State != EngineState.Stopped)
        {
            await stopSinks.CancelAsync().ConfigureAwait(false);
        }

        try
        {
            await Task.WhenAll(sinks).WaitAsync(stopSinks.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopSinks.IsCancellationRequested)
        {
            // What was not delivered is found from the farm when it is loaded again.
        }
    }

    private void Loop()
    {
        try
        {
            while (!writer.IsOver)
            {
                core.Signal.Reset();
                if (!writer.Step() && !writer.IsOver)
                {
                    core.Signal.Wait(writer.NextWake);
                }
            }
        }
        catch (Exception e)
        {
            writer.Fault(e);
        }
        finally
        {
            _ended.SetResult();
        }
    }
}
