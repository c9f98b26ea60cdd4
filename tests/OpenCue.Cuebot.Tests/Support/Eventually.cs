namespace OpenCue.Cuebot.Tests.Support;

/// <summary>Waits for what other threads do, with a deadline that only a defect can reach.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Deadline)
            {
                Assert.Fail($"After {Deadline.TotalSeconds} s it is still not so that {what}.");
            }

            await Task.Delay(10);
        }
    }
}
