using OpenCue.Simulator.Running;

namespace OpenCue.Simulator.Commands;

/// <summary>Shows on a terminal how far a simulation is, on one line that is written over.</summary>
internal sealed class ProgressLine(SimTerminal terminal, string what)
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(200);

    private TimeSpan _last;
    private int _length;

    /// <summary>Shows it, if it was not just now.</summary>
    public void Show(SimulationProgress progress)
    {
        if (!terminal.ShowsProgress || progress.Real - _last < Often)
        {
            return;
        }

        _last = progress.Real;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {progress.Virtual.TotalHours:0.0} h, {progress.Running} frames run, {progress.JobsLeft} jobs to do, {progress.Virtual / progress.Real:N0} times real time");
        terminal.Error.Write($"\r{text.PadRight(_length)}");
        _length = text.Length;
    }

    /// <summary>Takes the line away.</summary>
    public void Clear()
    {
        if (_length > 0)
        {
            terminal.Error.Write($"\r{new string(' ', _length)}\r");
        }
    }
}
