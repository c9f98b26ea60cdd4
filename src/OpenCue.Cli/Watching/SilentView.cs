namespace OpenCue.Cli.Watching;

/// <summary>Shows nothing, for who only waits.</summary>
internal sealed class SilentView : IWatchView
{
    public Task<T> RunAsync<T>(Func<Action<WatchState>, Task<T>> watch) => watch(_ => { });
}
