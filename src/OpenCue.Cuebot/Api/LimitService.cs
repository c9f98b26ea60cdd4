using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Limits;

namespace OpenCue.Cuebot.Api;

/// <summary>
/// <c>limit.LimitInterface</c>. It makes limits of frames; those of hosts and users show their tokens as running frames, so that a client sees what the
/// maximum is about.
/// </summary>
internal sealed class LimitService(FarmAccess access) : Wire.LimitInterface.LimitInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<Wire.LimitGetAllResponse> GetAll(Wire.LimitGetAllRequest request, ServerCallContext context)
    {
        var limits = await access.ReadAsync(request, context, farm => farm.Limits.All.Select(LimitMessages.Of).ToList());
        return new() { Limits = { limits.OrderBy(limit => limit.Name, StringComparer.Ordinal) } };
    }

    /// <inheritdoc/>
    public override async Task<Wire.LimitFindResponse> Find(Wire.LimitFindRequest request, ServerCallContext context) =>
        new() { Limit = await access.ReadAsync(request, context, farm => LimitMessages.Of(Lookup.LimitNamed(farm, request.Name))) };

    /// <inheritdoc/>
    public override async Task<Wire.LimitGetResponse> Get(Wire.LimitGetRequest request, ServerCallContext context) =>
        new() { Limit = await access.ReadAsync(request, context, farm => LimitMessages.Of(Lookup.Limit(farm, request.Id))) };

    /// <inheritdoc/>
    public override Task<Wire.LimitCreateResponse> Create(Wire.LimitCreateRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit => new Wire.LimitCreateResponse { Limit = LimitMessages.Of(LimitRules.Create(edit, request.Name, request.MaxValue)) });

    /// <inheritdoc/>
    public override Task<Wire.LimitDeleteResponse> Delete(Wire.LimitDeleteRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            LimitRules.Delete(edit, Lookup.LimitNamed(edit.Farm, request.Name));
            return new Wire.LimitDeleteResponse();
        });

    /// <inheritdoc/>
    public override Task<Wire.LimitRenameResponse> Rename(Wire.LimitRenameRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            LimitRules.Rename(edit, Lookup.LimitNamed(edit.Farm, request.OldName), request.NewName);
            return new Wire.LimitRenameResponse();
        });

    /// <inheritdoc/>
    public override Task<Wire.LimitSetMaxValueResponse> SetMaxValue(Wire.LimitSetMaxValueRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            LimitRules.Change(edit, Lookup.LimitNamed(edit.Farm, request.Name), maxValue: request.MaxValue);
            return new Wire.LimitSetMaxValueResponse();
        });
}
