using System.Collections.Immutable;
using OpenCue.Rqd.Machine;

namespace OpenCue.Rqd.Frames;

/// <summary>Who has which part of the cores. Not thread-safe: <see cref="RunTable"/> owns it.</summary>
internal sealed class CoreLedger(MachineFacts facts)
{
    private readonly HashSet<CpuCore> _pinned = [];

    public int TotalUnits => facts.CoreUnits;

    public int BookedUnits { get; private set; }

    /// <summary>Computed, never counted, so that it cannot drift.</summary>
    public int IdleUnits => Math.Max(0, TotalUnits - BookedUnits);

    /// <summary>
    /// Books cores if there are enough. A frame that uses several threads gets physical cores of its own, all threads of each, from the
    /// socket with the most free ones; the result names their processors. Others are not pinned.
    /// </summary>
    public bool TryBook(int units, bool ownCores, out ImmutableArray<int> processors)
    {
        processors = [];
        if (units > IdleUnits)
        {
            return false;
        }

        BookedUnits += units;
        if (ownCores && facts.CanPin && units % 100 == 0)
        {
            processors = Pin(units / 100);
        }

        return true;
    }

    /// <summary>Books what a run has that was started before the agent was; it has it, whether it still fits or not.</summary>
    public void Rebook(int units, ImmutableArray<int> processors)
    {
        BookedUnits += units;
        foreach (var core in CoresOf(processors))
        {
            _pinned.Add(core);
        }
    }

    public void Release(int units, ImmutableArray<int> processors)
    {
        BookedUnits -= units;
        foreach (var core in CoresOf(processors))
        {
            _pinned.Remove(core);
        }
    }

    private ImmutableArray<int> Pin(int count)
    {
        var free = facts.Topology.Cores
            .Where(core => !_pinned.Contains(core))
            .GroupBy(core => core.Socket)
            .OrderByDescending(socket => socket.Count()).ThenBy(socket => socket.Key)
            .SelectMany(socket => socket)
            .Take(count)
            .ToList();
        if (free.Count < count)
        {
            return []; // taken by runs from before, when the machine had more to offer
        }

        foreach (var core in free)
        {
            _pinned.Add(core);
        }

        return [.. free.SelectMany(core => core.Threads).Order()];
    }

    private IEnumerable<CpuCore> CoresOf(ImmutableArray<int> processors) =>
        facts.Topology.Cores.Where(core => core.Threads.Any(processors.Contains));
}
