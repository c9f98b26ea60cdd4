namespace OpenCue.Simulator.Commands;

/// <summary>Where a command writes; tests bring their own.</summary>
/// <param name="Out">Standard output: what was asked for.</param>
/// <param name="Error">Standard error: progress and complaints.</param>
internal sealed record SimTerminal(TextWriter Out, TextWriter Error)
{
    /// <summary>Whether a person sees standard error, so that a line of progress can be written over.</summary>
    public bool ShowsProgress { get; init; }

    /// <summary>Measures real time, for progress and speed; nothing in a simulation follows it.</summary>
    public TimeProvider RealTime { get; init; } = TimeProvider.System;

    /// <summary>The process's own.</summary>
    public static SimTerminal OfProcess() => new(Console.Out, Console.Error)
    {
        ShowsProgress = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
    };
}
