using System.Globalization;

namespace OpenCue.Benchmarks;

/// <summary>How big a benchmark is, for a quick look or another farm; null: as big as its figures are meant.</summary>
/// <param name="Seconds">How long it measures.</param>
/// <param name="Hosts">Number of hosts.</param>
/// <param name="Frames">Number of frames.</param>
/// <param name="Jobs">Number of jobs.</param>
internal sealed record BenchmarkOptions(int? Seconds = null, int? Hosts = null, int? Frames = null, int? Jobs = null)
{
    /// <summary>How long to measure.</summary>
    public TimeSpan Window(TimeSpan usual) => Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : usual;

    /// <summary>How long to wait before: no longer than it is measured, for a quick look.</summary>
    public TimeSpan WarmUp(TimeSpan usual) => Window(usual) < usual ? Window(usual) : usual;

    /// <summary>Splits a command line into names and options.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="names">What is no option.</param>
    /// <exception cref="FormatException">An option is none, or its value is no number.</exception>
    public static BenchmarkOptions Read(IEnumerable<string> args, List<string> names)
    {
        var options = new BenchmarkOptions();
        using var rest = args.GetEnumerator();
        while (rest.MoveNext())
        {
            var arg = rest.Current;
            if (!arg.StartsWith('-'))
            {
                names.Add(arg);
                continue;
            }

            if (!rest.MoveNext() || !int.TryParse(rest.Current, CultureInfo.InvariantCulture, out var value) || value <= 0)
            {
                throw new FormatException($"{arg} needs a whole number above 0.");
            }

            options = arg switch
            {
                "--seconds" => options with { Seconds = value },
                "--hosts" => options with { Hosts = value },
                "--frames" => options with { Frames = value },
                "--jobs" => options with { Jobs = value },
                _ => throw new FormatException($"There is no option {arg}; there are --seconds, --hosts, --frames and --jobs."),
            };
        }

        return options;
    }
}
