using OpenCue.Farm.Shows;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Subscriptions as clients see them: in core points, alone among the messages about the farm.</summary>
internal static class SubscriptionMessages
{
    /// <summary>The subscription.</summary>
    public static Wire.Subscription Of(Subscription subscription) => new()
    {
        Id = subscription.Id.ToString(),
        Name = NameOf(subscription),
        ShowName = subscription.Show.Row.Name,
        Facility = subscription.Allocation.Facility.Row.Name,
        AllocationName = subscription.Allocation.Row.Name,
        Size = subscription.Row.Size,
        Burst = subscription.Row.Burst,
        ReservedCores = subscription.Use.CorePoints,
        ReservedGpus = subscription.Use.Gpus,
    };

    /// <summary><c>facility.allocation.show</c>.</summary>
    public static string NameOf(Subscription subscription) => $"{subscription.Allocation.Row.Name}.{subscription.Show.Row.Name}";
}
