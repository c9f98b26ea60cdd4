using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;

namespace OpenCue.Cuebot.Api;

/// <summary><c>limit.LimitInterface</c>.</summary>
internal sealed class LimitService(FarmAccess access) : Wire.LimitInterface.LimitInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<Wire.LimitGetAllResponse> GetAll(Wire.LimitGetAllRequest request, ServerCallContext context)
    {
        var limits = await access.ReadAsync(request, context, farm => farm.Limits.All.Select(LimitMessages.Of).ToList());
        return new() { Limits = { limits.OrderBy(limit => limit.Name, StringComparer.Ordinal) } };
    }

    /// <inheritdoc/>
    public override async Task<Wire.LimitFindResponse> Find(Wire.LimitFindRequest request, ServerCallContext context) => new()
    {
        Limit = await access.ReadAsync(
            request, context, farm => LimitMessages.Of(farm.Limits.Find(request.Name) ?? throw Lookup.Missing("Limit", "name", request.Name))),
    };

    /// <inheritdoc/>
    public override async Task<Wire.LimitGetResponse> Get(Wire.LimitGetRequest request, ServerCallContext context) =>
        new() { Limit = await access.ReadAsync(request, context, farm => LimitMessages.Of(Lookup.Limit(farm, request.Id))) };
}
