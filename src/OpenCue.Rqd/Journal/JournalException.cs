namespace OpenCue.Rqd.Journal;

/// <summary>Something could not be stored durably, so the agent must not promise it.</summary>
internal sealed class JournalException(string message, Exception? inner = null) : Exception(message, inner);
