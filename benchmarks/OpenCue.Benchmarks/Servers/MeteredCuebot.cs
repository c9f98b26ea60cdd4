using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;

namespace OpenCue.Benchmarks.Servers;

/// <summary>The server in a process that also prints, twice a second, what its counters say: its own program, started by this one.</summary>
internal static class MeteredCuebot
{
    public const string Role = "--metered-cuebot";

    /// <summary>Begins each line of counters.</summary>
    public const string Mark = "counters ";

    /// <summary>Ends the name of what a histogram has seen at most.</summary>
    public const string Longest = " longest";

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs the server.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        var sums = new Dictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument is Counter<long> or Histogram<double> && instrument.Meter.Name == "OpenCue.Cuebot")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (sums)
            {
                sums[instrument.Name] = sums.GetValueOrDefault(instrument.Name) + value;
            }
        });
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            var what = tags.Length > 0 ? $"{instrument.Name} {tags[0].Value}" : instrument.Name;
            lock (sums)
            {
                sums[what] = sums.GetValueOrDefault(what) + value;
                sums[what + Longest] = Math.Max(sums.GetValueOrDefault(what + Longest), value);
            }
        });
        listener.Start();
        await using var timer = new Timer(
            _ =>
            {
                lock (sums)
                {
                    output.WriteLine(Mark + JsonSerializer.Serialize(sums));
                }
            },
            null,
            Every,
            Every);
        var program = Assembly.Load("cuebot").EntryPoint!; // It is a program.
        return program.Invoke(null, [args]) switch
        {
            Task<int> running => await running,
            int code => code,
            _ => 0,
        };
    }
}
