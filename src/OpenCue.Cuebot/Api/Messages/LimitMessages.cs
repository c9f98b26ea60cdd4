using OpenCue.Farm.Limits;
using V1 = OpenCue.Protocol.V1;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Limits as clients see them.</summary>
internal static class LimitMessages
{
    /// <summary>
    /// The limit for OpenCue's clients. The running frames are those of all layers, also where OpenCue counts only one layer's; of a limit of hosts or
    /// users they are its tokens.
    /// </summary>
    public static Wire.Limit Of(Limit limit) => new()
    {
        Id = limit.Id.ToString(),
        Name = limit.Row.Name,
        MaxValue = limit.Row.MaxValue,
        CurrentRunning = limit.Tokens,
    };

    /// <summary>The limit with all but its holders.</summary>
    public static V1.Limit DetailsOf(Limit limit) => new()
    {
        Id = limit.Id.ToString(),
        Name = limit.Row.Name,
        Kind = (V1.LimitKind)((int)limit.Row.Kind + 1),
        MaxValue = limit.Row.MaxValue,
        Headroom = limit.Row.Headroom,
        Tokens = limit.Tokens,
        RunningFrames = limit.Running,
        Layers = limit.LayerCount,
    };

    /// <summary>The limit with its holders.</summary>
    public static V1.Limit WithHolders(FarmModel farm, Limit limit)
    {
        var details = DetailsOf(limit);
        details.Hosts.AddRange(Sorted(limit.HoldersByHost.Select(held => (farm.Hosts.Find(held.Key)?.Row.Name ?? held.Key.ToString(), held.Value))));
        details.Users.AddRange(Sorted(limit.HoldersByUser.Select(held => (held.Key, held.Value))));
        return details;
    }

    /// <summary>The kind, or null if none was given.</summary>
    public static LimitKind? KindOf(V1.LimitKind kind) => kind == V1.LimitKind.Unspecified ? null : (LimitKind)((int)kind - 1);

    private static IEnumerable<V1.LimitHolder> Sorted(IEnumerable<(string Name, int Frames)> holders) => holders
        .OrderByDescending(holder => holder.Frames)
        .ThenBy(holder => holder.Name, StringComparer.Ordinal)
        .Select(holder => new V1.LimitHolder { Name = holder.Name, RunningFrames = holder.Frames });
}
