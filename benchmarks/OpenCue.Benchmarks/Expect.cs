namespace OpenCue.Benchmarks;

/// <summary>What must be true for a figure to mean anything.</summary>
internal static class Expect
{
    /// <exception cref="BenchmarkFailedException">It is not.</exception>
    public static void That(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new BenchmarkFailedException(otherwise);
        }
    }
}

/// <summary>What a benchmark measures did not happen.</summary>
#pragma warning disable CA1032 // There is always something to say.
internal sealed class BenchmarkFailedException(string message) : Exception(message);
#pragma warning restore CA1032
