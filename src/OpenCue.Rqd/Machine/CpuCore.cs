using System.Collections.Immutable;

namespace OpenCue.Rqd.Machine;

/// <summary>A physical core: what OpenCue counts as one core (100 units), however many threads it runs.</summary>
/// <param name="Threads">The logical processors of it that the agent may use, ascending.</param>
internal sealed record CpuCore(int Socket, int Id, ImmutableArray<int> Threads);
