namespace OpenCue.Farm.Runs;

/// <summary>A run that a host reports and that the farm does not hold there.</summary>
public sealed class StrayRun
{
    /// <summary>Its frame.</summary>
    public required EntityId FrameId { get; init; }

    /// <summary>Engine time of the first report that had it.</summary>
    public required long FirstSeenEngineMs { get; init; }

    /// <summary>How often it was ordered killed.</summary>
    public int Kills { get; set; }

    /// <summary>Engine time before which it is not ordered killed again.</summary>
    public long NextKillEngineMs { get; set; }
}
