using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Cuebot.Api.Searches;

namespace OpenCue.Cuebot.Api;

/// <summary><c>job.GroupInterface</c>.</summary>
internal sealed class GroupService(FarmAccess access) : Wire.GroupInterface.GroupInterfaceBase
{
    /// <inheritdoc/>
    /// <remarks>Of several groups of one name in the tree, the one nearest to the root. (OpenCue fails then.)</remarks>
    public override async Task<Wire.GroupFindGroupResponse> FindGroup(Wire.GroupFindGroupRequest request, ServerCallContext context) => new()
    {
        Group = await access.ReadAsync(request, context, farm =>
        {
            var named = farm.Shows.Find(request.Show)?.Groups.FindAll(group => group.Row.Name == request.Name);
            return named?.MinBy(group => GroupMessages.LevelOf(farm, group)) is { } nearest
                ? GroupMessages.Of(farm, nearest)
                : throw Lookup.Missing("Group", "name", request.Name, $"in show {request.Show}");
        }),
    };

    /// <inheritdoc/>
    public override async Task<Wire.GroupGetGroupResponse> GetGroup(Wire.GroupGetGroupRequest request, ServerCallContext context) =>
        new() { Group = await access.ReadAsync(request, context, farm => GroupMessages.Of(farm, Lookup.Group(farm, request.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.GroupGetGroupsResponse> GetGroups(Wire.GroupGetGroupsRequest request, ServerCallContext context)
    {
        var groups = await access.ReadListAsync<EntityId, Wire.Group>(
            request,
            context,
            farm =>
            {
                var parent = Lookup.Group(farm, request.Group?.Id);
                return [.. parent.Show.Groups.Where(group => group.Row.ParentId == parent.Id).Select(group => group.Id)];
            },
            GroupMessages.Read);
        return new() { Groups = GroupMessages.Seq(groups) };
    }

    /// <inheritdoc/>
    public override async Task<Wire.GroupGetJobsResponse> GetJobs(Wire.GroupGetJobsRequest request, ServerCallContext context) =>
        new() { Jobs = await JobSearch.ReadPendingAsync(access, request, context, farm => Lookup.Group(farm, request.Group?.Id).Jobs) };
}
