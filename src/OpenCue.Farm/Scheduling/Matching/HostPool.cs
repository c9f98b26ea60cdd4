using OpenCue.Farm.Hosts;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>What tells hosts of a family apart beside cores and memory.</summary>
/// <param name="Gpus">Idle GPUs.</param>
/// <param name="GpuMemoryKib">Idle GPU memory.</param>
/// <param name="IsEmpty">Nothing is reserved there.</param>
internal readonly record struct PoolKey(int Gpus, long GpuMemoryKib, bool IsEmpty)
{
    public bool HasGpu => Gpus > 0 || GpuMemoryKib > 0;

    public static PoolKey Of(Host host) => new(host.Idle.Gpus, host.Idle.GpuMemoryKib, host.Reserved == default);

    /// <summary>Whether hosts here have the GPUs that are wanted, and are empty if that is wanted.</summary>
    public bool Suits(Requirement requirement) =>
        requirement.MinGpus <= Gpus && requirement.MinGpuMemoryKib <= GpuMemoryKib && (IsEmpty || !requirement.WantsEmptyHost);
}

/// <summary>
/// Hosts with the same GPUs idle, by idle cores and in that by idle memory: the tightest fit in cores with the most memory is found by looking at one
/// host for each number of cores at the most.
/// </summary>
internal sealed class HostPool(PoolKey key)
{
    private readonly List<Bucket> _buckets = [];

    public PoolKey Key { get; } = key;

    public bool IsEmpty => _buckets.Count == 0;

    public void Add(HostPlace place)
    {
        var at = BucketFrom(place.Cores);
        if (at == _buckets.Count || _buckets[at].Cores != place.Cores)
        {
            _buckets.Insert(at, new Bucket(place.Cores));
        }

        _buckets[at].GroupOf(place.MemoryKib).Add(place);
        place.Pool = this;
    }

    public void Remove(HostPlace place)
    {
        var at = BucketFrom(place.Cores);
        var bucket = _buckets[at];
        bucket.Remove(place);
        if (bucket.Groups.Count == 0)
        {
            _buckets.RemoveAt(at);
        }
    }

    /// <summary>Hosts that have at least so much, the tightest fit in cores first, in that the most memory.</summary>
    public Candidates From(int cores, long memoryKib) => new(this, BucketFrom(cores), memoryKib);

    private int BucketFrom(int cores)
    {
        var (low, high) = (0, _buckets.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_buckets[middle].Cores < cores)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Walks over hosts without making garbage.</summary>
    internal struct Candidates(HostPool pool, int bucket, long memoryKib)
    {
        private int _bucket = bucket;
        private int _group;

        public HostPlace? Current { get; private set; }

        public bool MoveNext()
        {
            if (Current?.Next is { } next)
            {
                Current = next;
                return true;
            }

            if (Current is not null)
            {
                _group++;
            }

            for (; _bucket < pool._buckets.Count; _bucket++, _group = 0)
            {
                var groups = pool._buckets[_bucket].Groups;
                if (_group < groups.Count && groups[_group].MemoryKib >= memoryKib)
                {
                    Current = groups[_group].First;
                    return true;
                }
            }

            Current = null;
            return false;
        }
    }

    private sealed class Bucket(int cores)
    {
        public int Cores { get; } = cores;

        /// <summary>The most memory first.</summary>
        public List<MemoryGroup> Groups { get; } = [];

        public MemoryGroup GroupOf(long memoryKib)
        {
            var at = IndexOf(memoryKib);
            if (at == Groups.Count || Groups[at].MemoryKib != memoryKib)
            {
                Groups.Insert(at, new MemoryGroup(memoryKib));
            }

            return Groups[at];
        }

        public void Remove(HostPlace place)
        {
            var at = IndexOf(place.MemoryKib);
            Groups[at].Remove(place);
            if (Groups[at].First is null)
            {
                Groups.RemoveAt(at);
            }
        }

        private int IndexOf(long memoryKib)
        {
            var (low, high) = (0, Groups.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (Groups[middle].MemoryKib > memoryKib)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            return low;
        }
    }
}
