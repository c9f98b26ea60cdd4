using OpenCue.Farm.Hosts;
using OpenCue.Simulator.Farms;
using OpenCue.Storage.Recording;

namespace OpenCue.Simulator.Traces;

/// <summary>The farm of a recording, as it was when it was read.</summary>
internal static class RecordedFarm
{
    private const double KibPerGib = 1048576;

    /// <summary>What a host keeps for its system; the farm's figures are without it.</summary>
    private const long SystemKib = 524288;

    /// <summary>The farm.</summary>
    public static FarmPlan Of(FarmRecord record)
    {
        var allocations = record.Allocations.ToDictionary(a => a.Id, a => a.Name);
        var used = record.Hosts.Select(h => h.AllocationId).ToHashSet();
        return new FarmPlan
        {
            Hosts = [.. record.Hosts.Where(h => h.Total.CorePoints >= 100 && allocations.ContainsKey(h.AllocationId)).Select(host => Host(host, allocations))],
            Shows = [.. record.Shows.Select(show => new ShowPlan
            {
                Name = show.Name,
                Subscriptions = [.. record.Subscriptions.Where(s => s.ShowId == show.Id && used.Contains(s.AllocationId)).OrderBy(s => allocations[s.AllocationId], StringComparer.Ordinal)
                    .Select(s => new SubscriptionPlan { Allocation = allocations[s.AllocationId], Size = s.Size / 100.0, Burst = s.Burst / 100.0 })],
                Groups = [.. record.Groups.Where(g => g.ShowId == show.Id && g.ParentId is not null)
                    .Select(g => new GroupPlan { Name = g.Name, MinCores = Math.Max(0, g.MinCores) / 100.0, MaxCores = Math.Max(0, g.MaxCores) / 100.0 })],
            })],
            Limits = [.. record.Limits.Select(l => new LimitPlan
            {
                Name = l.Name,
                Max = l.MaxValue,
                Kind = l.Kind.ToString().ToLowerInvariant(),
                Headroom = l.Headroom,
            })],
        };
    }

    private static HostClass Host(HostRow host, Dictionary<EntityId, string> allocations) => new()
    {
        Name = host.Name,
        Cores = host.Total.CorePoints / 100,
        MemoryGib = (host.Total.MemoryKib + SystemKib) / KibPerGib,
        Gpus = host.Total.Gpus,
        GpuMemoryGib = host.Total.GpuMemoryKib / KibPerGib,
        Allocation = allocations[host.AllocationId],
        Tags = [.. host.HardwareTags.Concat(host.ManualTags).Distinct(StringComparer.Ordinal).Where(tag => tag != TagOf(allocations[host.AllocationId]))],
        Os = string.Join(',', host.Os),
        ThreadMode = host.ThreadMode.ToString().ToLowerInvariant(),
        MaxProcs = host.MaxProcs,
    };

    /// <summary>Hosts have their allocation's tag by themselves.</summary>
    private static string TagOf(string allocation) => allocation[(allocation.IndexOf('.', StringComparison.Ordinal) + 1)..];
}
