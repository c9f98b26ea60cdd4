using OpenCue.Farm.Limits;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Limits as clients see them.</summary>
internal static class LimitMessages
{
    /// <summary>The limit. The running frames are those of all layers, also where OpenCue counts only one layer's.</summary>
    public static Wire.Limit Of(Limit limit) => new()
    {
        Id = limit.Id.ToString(),
        Name = limit.Row.Name,
        MaxValue = limit.Row.MaxValue,
        CurrentRunning = limit.Running,
    };
}
