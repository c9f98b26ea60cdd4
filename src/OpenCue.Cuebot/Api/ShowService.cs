using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Cuebot.Api.Searches;
using OpenCue.Farm.Shows;

namespace OpenCue.Cuebot.Api;

/// <summary><c>show.ShowInterface</c>.</summary>
internal sealed class ShowService(FarmAccess access) : Wire.ShowInterface.ShowInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<Wire.ShowFindShowResponse> FindShow(Wire.ShowFindShowRequest request, ServerCallContext context) => new()
    {
        Show = await OneAsync(request, context, farm => farm.Shows.Find(request.Name) ?? throw Lookup.Missing("Show", "name", request.Name)),
    };

    /// <inheritdoc/>
    public override async Task<Wire.ShowGetShowsResponse> GetShows(Wire.ShowGetShowsRequest request, ServerCallContext context) =>
        new() { Shows = new() { Shows = { await ShowList.ReadAsync(access, request, context, farm => farm.Shows.All) } } };

    /// <inheritdoc/>
    public override async Task<Wire.ShowGetActiveShowsResponse> GetActiveShows(Wire.ShowGetActiveShowsRequest request, ServerCallContext context) =>
        new() { Shows = new() { Shows = { await ShowList.ReadAsync(access, request, context, farm => farm.Shows.All.Where(show => show.Row.Active)) } } };

    /// <inheritdoc/>
    public override async Task<Wire.ShowCreateShowResponse> CreateShow(Wire.ShowCreateShowRequest request, ServerCallContext context)
    {
        try
        {
            return new() { Show = await access.ActAsync(request, context, edit => ShowMessages.Of(ShowRules.Create(edit, request.Name))) };
        }
        catch (FarmException e)
        {
            // OpenCue's clients know the beginning of the text.
            throw new FarmException(e.Refusal, "Show could not be created." + e.Message);
        }
    }

    /// <inheritdoc/>
    public override async Task<Wire.ShowGetJobsResponse> GetJobs(Wire.ShowGetJobsRequest request, ServerCallContext context) =>
        new() { Jobs = await JobSearch.ReadPendingAsync(access, request, context, farm => Lookup.Show(farm, request.Show?.Id).Jobs) };

    /// <inheritdoc/>
    public override async Task<Wire.ShowGetGroupsResponse> GetGroups(Wire.ShowGetGroupsRequest request, ServerCallContext context)
    {
        var groups = await access.ReadListAsync<EntityId, Wire.Group>(
            request, context, farm => Lookup.Show(farm, request.Show?.Id).Groups.ConvertAll(group => group.Id), GroupMessages.Read);
        return new() { Groups = GroupMessages.Seq(groups) };
    }

    /// <inheritdoc/>
    public override async Task<Wire.ShowGetRootGroupResponse> GetRootGroup(Wire.ShowGetRootGroupRequest request, ServerCallContext context) =>
        new() { Group = await access.ReadAsync(request, context, farm => GroupMessages.Of(farm, Lookup.Show(farm, request.Show?.Id).RootGroup)) };

    /// <inheritdoc/>
    public override async Task<Wire.ShowGetSubscriptionResponse> GetSubscriptions(Wire.ShowGetSubscriptionRequest request, ServerCallContext context)
    {
        var subscriptions = await access.ReadAsync(
            request, context, farm => Lookup.Show(farm, request.Show?.Id).Subscriptions.ConvertAll(SubscriptionMessages.Of));
        return new() { Subscriptions = new() { Subscriptions = { subscriptions.OrderBy(subscription => subscription.Name, StringComparer.Ordinal) } } };
    }

    private async Task<Wire.Show> OneAsync(IMessage request, ServerCallContext context, Func<FarmModel, Show> which) =>
        (await ShowList.ReadAsync(access, request, context, farm => [which(farm)]))[0];
}
