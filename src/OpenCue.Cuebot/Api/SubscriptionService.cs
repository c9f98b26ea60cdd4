using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;

namespace OpenCue.Cuebot.Api;

/// <summary><c>subscription.SubscriptionInterface</c>.</summary>
internal sealed class SubscriptionService(FarmAccess access) : Wire.SubscriptionInterface.SubscriptionInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<Wire.SubscriptionGetResponse> Get(Wire.SubscriptionGetRequest request, ServerCallContext context) => new()
    {
        Subscription = await access.ReadAsync(request, context, farm =>
            EntityId.TryParse(request.Id, out var id) && farm.Subscriptions.TryGetValue(id, out var subscription)
                ? SubscriptionMessages.Of(subscription)
                : throw Lookup.Missing("Subscription", "id", request.Id)),
    };

    /// <inheritdoc/>
    public override async Task<Wire.SubscriptionFindResponse> Find(Wire.SubscriptionFindRequest request, ServerCallContext context) => new()
    {
        Subscription = await access.ReadAsync(request, context, farm =>
        {
            // The name of the show may have dots, those of facility and allocation have none.
            var parts = request.Name.Split('.', 3);
            return parts.Length == 3
                && farm.Allocations.Find($"{parts[0]}.{parts[1]}") is { } allocation
                && farm.Shows.Find(parts[2]) is { } show
                && allocation.Subscriptions.TryGetValue(show.Id, out var subscription)
                    ? SubscriptionMessages.Of(subscription)
                    : throw FarmException.NotFound($"A subscription to {request.Name} was not found. Its name is facility.allocation.show.");
        }),
    };
}
