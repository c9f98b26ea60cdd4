namespace OpenCue.Benchmarks;

/// <summary>Measures one thing. A new one is a class of its own and a line in <see cref="Benchmarks"/>.</summary>
internal interface IBenchmark
{
    /// <summary>What it is called by: <c>benchmarks/run NAME</c>. Its figures begin with this name and a dot.</summary>
    string Name { get; }

    /// <summary>What it measures, in one line.</summary>
    string Summary { get; }

    /// <summary>Measures and prints.</summary>
    /// <exception cref="BenchmarkFailedException">What was to be measured did not happen.</exception>
    Task RunAsync(Report report, BenchmarkOptions options, CancellationToken cancellationToken);
}
