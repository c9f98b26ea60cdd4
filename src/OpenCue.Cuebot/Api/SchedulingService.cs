using Grpc.Core;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Scheduling.Policies;
using V1 = OpenCue.Protocol.V1;

namespace OpenCue.Cuebot.Api;

/// <summary><c>opencue.v1.SchedulingInterface</c>: the order of service by facility, and hosts' caps.</summary>
/// <remarks>Policies belong to the writer: they are read where the farm is.</remarks>
internal sealed class SchedulingService(FarmAccess access, SchedulingPolicies policies) : V1.SchedulingInterface.SchedulingInterfaceBase
{
    /// <inheritdoc/>
    public override Task<V1.GetPoliciesResponse> GetPolicies(V1.GetPoliciesRequest request, ServerCallContext context) => access.ReadAsync(
        request,
        context,
        farm => new V1.GetPoliciesResponse
        {
            DefaultPolicy = policies.DefaultName,
            Policies = { policies.All.Select(Of) },
            Facilities = { farm.Facilities.All.OrderBy(facility => facility.Row.Name, StringComparer.Ordinal).Select(Of) },
        });

    /// <inheritdoc/>
    public override Task<V1.SetFacilityPolicyResponse> SetFacilityPolicy(V1.SetFacilityPolicyRequest request, ServerCallContext context) =>
        access.ActAsync(
            request,
            context,
            edit =>
            {
                var facility = Lookup.Facility(edit.Farm, request.Facility);
                FacilityRules.SetPolicy(edit, facility, policies, request.Policy);
                return new V1.SetFacilityPolicyResponse { Facility = Of(facility) };
            },
            request.Username);

    /// <inheritdoc/>
    public override async Task<V1.GetHostCapsResponse> GetHostCaps(V1.GetHostCapsRequest request, ServerCallContext context)
    {
        var hosts = await access.ReadListAsync<EntityId, V1.HostCap>(
            request,
            context,
            farm => request.Host.Length > 0 ? [Lookup.HostNamed(farm, request.Host).Id] : [.. farm.Hosts.All.Select(host => host.Id)],
            (farm, id, found) =>
            {
                if (farm.Hosts.TryGet(id, out var host) && (host.Row.MaxProcs > 0 || request.Host.Length > 0))
                {
                    found.Add(Of(host));
                }
            });
        return new() { Hosts = { hosts.OrderBy(host => host.Host, StringComparer.Ordinal) } };
    }

    /// <inheritdoc/>
    public override Task<V1.SetHostCapResponse> SetHostCap(V1.SetHostCapRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            var host = Lookup.HostNamed(edit.Farm, request.Host);
            HostRules.SetMaxProcs(edit, host, request.MaxProcs);
            return new V1.SetHostCapResponse { Host = Of(host) };
        },
        request.Username);

    private static V1.HostCap Of(Host host) => new() { Host = host.Row.Name, MaxProcs = host.Row.MaxProcs, Procs = host.Procs.Count };

    private V1.SchedulingPolicy Of(ISchedulingPolicy policy)
    {
        var failure = policies.FailureOf(policy.Name);
        return new()
        {
            Name = policy.Name,
            Description = policy.Description,
            Failure = failure?.Message ?? "",
            Failed = failure?.WallMs ?? 0,
            Failures = failure?.Count ?? 0,
        };
    }

    private V1.FacilityPolicy Of(Facility facility) =>
        new() { Facility = facility.Row.Name, Policy = policies.NameFor(facility), Chosen = facility.Row.SchedulingPolicy };
}
