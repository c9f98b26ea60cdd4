namespace OpenCue.Rqd.Frames;

/// <summary>An order to end a frame.</summary>
/// <param name="ExitStatus">To be reported instead of the signal, where OpenCue has a status for the reason; else null.</param>
internal sealed record KillOrder(string Reason, int? ExitStatus = null);
