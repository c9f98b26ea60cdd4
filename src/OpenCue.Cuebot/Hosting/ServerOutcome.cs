namespace OpenCue.Cuebot.Hosting;

/// <summary>How the server ended, for the exit code of the process.</summary>
internal sealed class ServerOutcome
{
    private volatile bool _failed;

    /// <summary>True if it did not end because somebody wanted it to.</summary>
    public bool Failed => _failed;

    /// <summary>Notes that it can't go on.</summary>
    public void Fail() => _failed = true;
}
