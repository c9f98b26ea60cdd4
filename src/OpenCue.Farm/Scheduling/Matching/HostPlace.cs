using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>A host's place in an allocation's index: its amounts as they were when it was put into a pool.</summary>
internal sealed class HostPlace(Host host, AllocationMarket market)
{
    public Host Host { get; } = host;

    public AllocationMarket Market { get; } = market;

    /// <summary>The host's row when its family was found.</summary>
    public required HostRow Row { get; set; }

    public required HostFamily Family { get; set; }

    /// <summary>Where it lies among those with something idle; null while it is closed or full.</summary>
    public HostPool? Pool { get; set; }

    public int Cores { get; set; }

    public long MemoryKib { get; set; }

    /// <summary>The layer that ran here last: its caches are warm.</summary>
    public Layer? Warm { get; set; }

    /// <summary>Its number among the hosts that ran that layer last.</summary>
    public int WarmAt { get; set; }

    public HostPlace? Next { get; set; }

    public HostPlace? Previous { get; set; }
}

/// <summary>Hosts of one memory size in a bucket, in the order in which they came.</summary>
internal sealed class MemoryGroup(long memoryKib)
{
    public long MemoryKib { get; } = memoryKib;

    public HostPlace? First { get; private set; }

    private HostPlace? Last { get; set; }

    public void Add(HostPlace place)
    {
        (place.Previous, place.Next) = (Last, null);
        if (Last is null)
        {
            First = place;
        }
        else
        {
            Last.Next = place;
        }

        Last = place;
    }

    public void Remove(HostPlace place)
    {
        if (place.Previous is null)
        {
            First = place.Next;
        }
        else
        {
            place.Previous.Next = place.Next;
        }

        if (place.Next is null)
        {
            Last = place.Previous;
        }
        else
        {
            place.Next.Previous = place.Previous;
        }

        (place.Previous, place.Next) = (null, null);
    }
}
