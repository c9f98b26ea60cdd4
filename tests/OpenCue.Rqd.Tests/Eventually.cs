using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace OpenCue.Rqd.Tests;

/// <summary>Waits for what real processes do. The deadline only ends a test that has failed anyway.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(10);

    public static async Task TrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var begin = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < Deadline, $"After {Deadline.TotalSeconds} s this is still not so: {what}");
            await Task.Delay(Again, TimeProvider.System);
        }
    }

    public static async Task<T> NotNullAsync<T>(Func<T?> find, [CallerArgumentExpression(nameof(find))] string what = "")
        where T : class
    {
        T? found = null;
        await TrueAsync(() => (found = find()) is not null, what);
        return found!;
    }
}
