namespace OpenCue.Cuebot.Hosting;

/// <summary>When the server was started.</summary>
internal sealed class ServerStart(TimeProvider time)
{
    /// <summary>Ms since 1970.</summary>
    public long AtMs { get; } = time.GetUtcNow().ToUnixTimeMilliseconds();
}
