using OpenCue.Farm;

namespace OpenCue.TestKit;

/// <summary>The time of a test: it stands still until the test moves it.</summary>
public sealed class ManualClock
{
    /// <summary>Engine time and wall time now.</summary>
    public FarmTime Now { get; private set; } = new(1_000_000, 1_800_000_000_000);

    /// <summary>Lets time pass, on both clocks alike.</summary>
    public void Pass(TimeSpan time) =>
        Now = new FarmTime(Now.EngineMs + (long)time.TotalMilliseconds, Now.WallMs + (long)time.TotalMilliseconds);

    /// <summary>Lets whole seconds pass.</summary>
    public void PassSeconds(int seconds) => Pass(TimeSpan.FromSeconds(seconds));

    /// <summary>Moves the machine's clock, as an administrator or NTP does; engine time takes no part in it.</summary>
    public void JumpWall(TimeSpan by) => Now = Now with { WallMs = Now.WallMs + (long)by.TotalMilliseconds };
}
