namespace OpenCue.Cuebot.Launching;

/// <summary>Bounds of the calls to agents.</summary>
internal sealed record LauncherOptions
{
    /// <summary>Launches under way at once, all hosts together.</summary>
    public int Launches { get; init; } = 256;

    /// <summary>Other calls under way at once, all hosts together: hosts that do not answer kills must not hold up launches.</summary>
    public int OtherCalls { get; init; } = 128;

    /// <summary>Calls under way at once to one host. OpenCue's Python agent serves ten.</summary>
    public int CallsPerHost { get; init; } = 8;

    /// <summary>How long calls that are under way may take to end when the server stops.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(3);
}
