using OpenCue.Cli.Output;

namespace OpenCue.Cli.Watching;

/// <summary>A line whenever something has changed, for logs and pipes.</summary>
internal sealed class LineView(Terminal terminal, TimeProvider time) : IWatchView
{
    private readonly Dictionary<string, string> _shown = [];
    private string? _outage;

    public Task<T> RunAsync<T>(Func<Action<WatchState>, Task<T>> watch) => watch(Show);

    private void Show(WatchState state)
    {
        // The reason of an outage may change from try to try; that there is one is news once.
        if ((state.Outage is null) != (_outage is null))
        {
            Line(state.Outage is null ? "cuebot answers again" : $"{state.Outage}; trying again");
        }

        _outage = state.Outage;
        foreach (var job in state.Jobs)
        {
            var text = WatchText.OneLine(job);
            if (_shown.GetValueOrDefault(job.Job.Id) != text)
            {
                _shown[job.Job.Id] = text;
                Line(text + (job.End == JobEnd.None && job.TimeLeft() is { } left ? $", about {Units.Duration(left)} left" : ""));
            }
        }

        terminal.Flush();
    }

    private void Line(string text) =>
        terminal.Line($"{TimeZoneInfo.ConvertTime(time.GetUtcNow(), time.LocalTimeZone):HH:mm:ss} {Plain.OneLine(text)}");
}
