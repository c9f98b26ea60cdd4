namespace OpenCue.Rqd.Supervision;

/// <summary>An account of the machine.</summary>
internal sealed record UserAccount(string Name, uint Uid, uint Gid, string Home);
