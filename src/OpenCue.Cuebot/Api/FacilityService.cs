using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;

namespace OpenCue.Cuebot.Api;

/// <summary><c>facility.FacilityInterface</c>. A facility is named by id or name.</summary>
internal sealed class FacilityService(FarmAccess access) : Wire.FacilityInterface.FacilityInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<Wire.FacilityGetResponse> Get(Wire.FacilityGetRequest request, ServerCallContext context) =>
        new() { Facility = await access.ReadAsync(request, context, farm => FacilityMessages.Of(Lookup.Facility(farm, request.Name))) };

    /// <inheritdoc/>
    public override async Task<Wire.FacilityGetAllocationsResponse> GetAllocations(Wire.FacilityGetAllocationsRequest request, ServerCallContext context)
    {
        var facility = request.Facility is { Id.Length: > 0 } byId ? byId.Id : request.Facility?.Name;
        var allocations = await AllocationList.ReadAsync(access, request, context, farm => Lookup.Facility(farm, facility).Allocations);
        return new() { Allocations = new() { Allocations = { allocations } } };
    }
}
