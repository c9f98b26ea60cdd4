using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Cuebot.Api.Searches;
using OpenCue.Farm.Facilities;

namespace OpenCue.Cuebot.Api;

/// <summary><c>facility.AllocationInterface</c>.</summary>
internal sealed class AllocationService(FarmAccess access) : Wire.AllocationInterface.AllocationInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<Wire.AllocGetAllResponse> GetAll(Wire.AllocGetAllRequest request, ServerCallContext context) =>
        new() { Allocations = new() { Allocations = { await AllocationList.ReadAsync(access, request, context, farm => farm.Allocations.All) } } };

    /// <inheritdoc/>
    public override async Task<Wire.AllocFindResponse> Find(Wire.AllocFindRequest request, ServerCallContext context) =>
        new() { Allocation = await OneAsync(request, context, farm => Lookup.Allocation(farm, request.Name)) };

    /// <inheritdoc/>
    /// <remarks>OpenCue looks the id up as a name, and so finds nothing by id; a name works here too.</remarks>
    public override async Task<Wire.AllocGetResponse> Get(Wire.AllocGetRequest request, ServerCallContext context) =>
        new() { Allocation = await OneAsync(request, context, farm => Lookup.Allocation(farm, request.Id)) };

    /// <inheritdoc/>
    public override async Task<Wire.AllocGetDefaultResponse> GetDefault(Wire.AllocGetDefaultRequest request, ServerCallContext context) => new()
    {
        Allocation = await OneAsync(request, context, farm =>
            farm.Allocations.All.FirstOrDefault(allocation => allocation.Row.IsDefault)
            ?? throw FarmException.NotFound("Allocation not found: none is the default one.")),
    };

    /// <inheritdoc/>
    public override async Task<Wire.AllocGetHostsResponse> GetHosts(Wire.AllocGetHostsRequest request, ServerCallContext context) =>
        new() { Hosts = await HostSearch.ReadAllAsync(access, request, context, farm => Lookup.Allocation(farm, request.Allocation?.Id).Hosts) };

    /// <inheritdoc/>
    /// <remarks>The criteria within the allocation. (In OpenCue this finds nothing.)</remarks>
    public override async Task<Wire.AllocFindHostsResponse> FindHosts(Wire.AllocFindHostsRequest request, ServerCallContext context)
    {
        var allocation = await access.ReadAsync(request, context, farm => Lookup.Allocation(farm, request.Allocation?.Id).Row.Name);
        return new() { Hosts = await HostSearch.Of(request.R, within: allocation).ReadAsync(access, request, context) };
    }

    /// <inheritdoc/>
    public override async Task<Wire.AllocGetSubscriptionsResponse> GetSubscriptions(Wire.AllocGetSubscriptionsRequest request, ServerCallContext context)
    {
        var subscriptions = await access.ReadAsync(
            request, context, farm => Lookup.Allocation(farm, request.Allocation?.Id).Subscriptions.Values.Select(SubscriptionMessages.Of).ToList());
        return new() { Subscriptions = new() { Subscriptions = { subscriptions.OrderBy(subscription => subscription.Name, StringComparer.Ordinal) } } };
    }

    private async Task<Wire.Allocation> OneAsync(IMessage request, ServerCallContext context, Func<FarmModel, Allocation> which) =>
        (await AllocationList.ReadAsync(access, request, context, farm => [which(farm)]))[0];
}
