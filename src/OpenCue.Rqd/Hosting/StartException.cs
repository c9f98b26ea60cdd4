namespace OpenCue.Rqd.Hosting;

/// <summary>The agent cannot start; the message is one line that says why and what to do.</summary>
internal sealed class StartException(string message, Exception? inner = null) : Exception(message, inner);
