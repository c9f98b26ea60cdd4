namespace OpenCue.Cli.Watching;

/// <summary>Shows how far jobs are while they are watched.</summary>
internal interface IWatchView
{
    /// <summary>Runs the watching, which hands over each state that it sees.</summary>
    Task<T> RunAsync<T>(Func<Action<WatchState>, Task<T>> watch);
}
