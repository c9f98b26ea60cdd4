namespace OpenCue.Farm;

/// <summary>The two times that every rule gets.</summary>
/// <param name="EngineMs"> Milliseconds of engine time: monotonic, goes on from its stored value after a restart, never jumps with the
/// machine's clock. All durations are taken from it. </param>
/// <param name="WallMs">Milliseconds since 1970 (UTC) by the machine's clock: for display and for start-after.</param>
public readonly record struct FarmTime(long EngineMs, long WallMs)
{
    /// <summary>Wall time in whole seconds since 1970, as the wire wants it.</summary>
    public long WallSeconds => WallMs / 1000;
}
