using System.Globalization;

namespace OpenCue.Benchmarks;

/// <summary>Prints figures as lines <c>figure value unit</c>, and everything for people alone as comments.</summary>
internal sealed class Report(TextWriter output, string benchmark)
{
    /// <summary>Prints a figure.</summary>
    /// <param name="figure">Its name without the benchmark's.</param>
    /// <param name="value">Its value.</param>
    /// <param name="unit">Its unit, one word.</param>
    public void Figure(string figure, double value, string unit)
    {
        var digits = Math.Abs(value) switch
        {
            >= 1000 => "0",
            >= 10 => "0.0",
            _ => "0.000",
        };
        output.WriteLine($"{benchmark}.{figure} {value.ToString(digits, CultureInfo.InvariantCulture)} {unit}");
    }

    /// <summary>Prints a remark: hardware, settings, method.</summary>
    public void Remark(string text) => output.WriteLine("# " + text);
}
