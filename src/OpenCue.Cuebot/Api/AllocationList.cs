using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;

namespace OpenCue.Cuebot.Api;

/// <summary>Allocations with their stats, which are sums over all their hosts.</summary>
internal static class AllocationList
{
    /// <summary>Reads allocations, by name, with their stats.</summary>
    public static async Task<List<Wire.Allocation>> ReadAsync(
        FarmAccess access, IMessage request, ServerCallContext context, Func<FarmModel, IEnumerable<Allocation>> which)
    {
        var allocations = await access.ReadAsync(request, context, farm => which(farm).Select(AllocationMessages.Of).ToDictionary(message => message.Id));
        var sums = await access.ReadListAsync<(string Allocation, EntitySlice<Host> Hosts), (string Allocation, AllocationSums Sums)>(
            request,
            context,
            farm =>
            [
                .. allocations.Keys.SelectMany(id => farm.Allocations.Find(EntityId.Parse(id)) is { } allocation
                    ? EntitySlice<Host>.Of(farm, allocation.Hosts).Select(hosts => (id, hosts))
                    : []),
            ],
            (farm, slice, found) => found.Add((slice.Allocation, Sum(slice.Hosts.In(farm)))));
        var totals = allocations.Keys.ToDictionary(id => id, _ => default(AllocationSums));
        foreach (var (id, sum) in sums)
        {
            var total = totals[id];
            total.Add(sum);
            totals[id] = total;
        }

        foreach (var (id, allocation) in allocations)
        {
            allocation.Stats = totals[id].ToMessage();
        }

        return [.. allocations.Values.OrderBy(allocation => allocation.Name, StringComparer.Ordinal)];
    }

    private static AllocationSums Sum(IEnumerable<Host> hosts)
    {
        var sums = default(AllocationSums);
        foreach (var host in hosts)
        {
            sums.Add(host);
        }

        return sums;
    }
}
