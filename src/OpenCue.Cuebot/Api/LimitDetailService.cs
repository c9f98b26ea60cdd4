using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Limits;
using V1 = OpenCue.Protocol.V1;

namespace OpenCue.Cuebot.Api;

/// <summary><c>opencue.v1.LimitInterface</c>: limits with their kinds, headroom and holders.</summary>
internal sealed class LimitDetailService(FarmAccess access) : V1.LimitInterface.LimitInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<V1.GetLimitsResponse> GetLimits(V1.GetLimitsRequest request, ServerCallContext context)
    {
        var limits = await access.ReadAsync(request, context, farm => farm.Limits.All.Select(LimitMessages.DetailsOf).ToList());
        return new() { Limits = { limits.OrderBy(limit => limit.Name, StringComparer.Ordinal) } };
    }

    /// <inheritdoc/>
    public override async Task<V1.GetLimitResponse> GetLimit(V1.GetLimitRequest request, ServerCallContext context) =>
        new() { Limit = await access.ReadAsync(request, context, farm => LimitMessages.WithHolders(farm, Lookup.LimitNamed(farm, request.Name))) };

    /// <inheritdoc/>
    public override Task<V1.CreateLimitResponse> CreateLimit(V1.CreateLimitRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            var kind = LimitMessages.KindOf(request.Kind) ?? LimitKind.Frame;
            return new V1.CreateLimitResponse { Limit = LimitMessages.DetailsOf(LimitRules.Create(edit, request.Name, request.MaxValue, kind, request.Headroom)) };
        },
        request.Username);

    /// <inheritdoc/>
    public override Task<V1.UpdateLimitResponse> UpdateLimit(V1.UpdateLimitRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            var limit = Lookup.LimitNamed(edit.Farm, request.Name);
            LimitRules.Change(
                edit,
                limit,
                request.HasMaxValue ? request.MaxValue : null,
                LimitMessages.KindOf(request.Kind),
                request.HasHeadroom ? request.Headroom : null);
            return new V1.UpdateLimitResponse { Limit = LimitMessages.DetailsOf(limit) };
        },
        request.Username);

    /// <inheritdoc/>
    public override Task<V1.RenameLimitResponse> RenameLimit(V1.RenameLimitRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            LimitRules.Rename(edit, Lookup.LimitNamed(edit.Farm, request.Name), request.NewName);
            return new V1.RenameLimitResponse();
        },
        request.Username);

    /// <inheritdoc/>
    public override Task<V1.DeleteLimitResponse> DeleteLimit(V1.DeleteLimitRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            LimitRules.Delete(edit, Lookup.LimitNamed(edit.Farm, request.Name));
            return new V1.DeleteLimitResponse();
        },
        request.Username);
}
