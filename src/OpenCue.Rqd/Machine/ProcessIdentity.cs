namespace OpenCue.Rqd.Machine;

/// <summary>A process and the clock tick it started at. Ids are used again, both together are not (before the next boot).</summary>
internal readonly record struct ProcessIdentity(int Pid, ulong StartTick);
