using System.Collections.Immutable;

namespace OpenCue.Rqd.Supervision;

/// <summary>Whom a frame runs as, where the agent may choose: user, primary group and all its groups.</summary>
internal sealed record FrameIdentity(uint Uid, uint Gid, ImmutableArray<uint> Groups);
