using OpenCue.Protocol.Reports;

namespace OpenCue.Rqd.Reports;

/// <summary>The server that the agent reports to. Every call throws <see cref="CuebotException"/> if it was not acknowledged.</summary>
internal interface ICuebot
{
    Task ReportStartupAsync(BootReport report, CancellationToken cancel);

    Task ReportStatusAsync(HostReport report, CancellationToken cancel);

    Task ReportCompletionAsync(FrameCompleteReport report, CancellationToken cancel);
}

/// <summary>A report was not acknowledged.</summary>
/// <param name="wasRefused">Cuebot answered, and did not take it; else it was not reached, or did not answer in time.</param>
internal sealed class CuebotException(string message, bool wasRefused, Exception? inner = null) : Exception(message, inner)
{
    public bool WasRefused => wasRefused;
}
