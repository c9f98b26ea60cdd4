using System.Text;

namespace OpenCue.Simulator.Reports;

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name, for the legend.</param>
/// <param name="Values">One value for each stretch of time; shorter ones end earlier.</param>
internal sealed record ChartLine(string Name, IReadOnlyList<double> Values);

/// <summary>Draws amounts over time as SVG, to stand in a page that gives the colours: lines, or areas that stand on each other.</summary>
internal sealed class SvgChart
{
    private const double Width = 900;
    private const double Height = 260;
    private const double Left = 62;
    private const double Right = 12;
    private const double Top = 12;
    private const double Bottom = 30;

    private static readonly double[] s_roundFactors = [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6, 8, 10];

    private readonly StringBuilder _svg = new();
    private readonly double _most;
    private readonly double _hours;
    private readonly double _stepHours;
    private readonly string _unit;

    private SvgChart(string title, string unit, DateTimeOffset start, double stepMinutes, double hours, double most)
    {
        _unit = unit;
        _stepHours = stepMinutes / 60;
        _hours = Math.Max(hours, _stepHours);
        _most = Nice(most);
        _svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Text(title)}\">");
        DrawAxes(start);
    }

    /// <summary>Lines over time.</summary>
    public static string Lines(string title, string unit, DateTimeOffset start, double hours, double stepMinutes, IReadOnlyList<ChartLine> lines, double? most = null)
    {
        var highest = most ?? lines.SelectMany(l => l.Values).DefaultIfEmpty(1).Max();
        var chart = new SvgChart(title, unit, start, stepMinutes, hours, highest);
        for (var i = 0; i < lines.Count; i++)
        {
            chart._svg.Append(
                CultureInfo.InvariantCulture,
                $"<path class=\"line c{i % Html.Colours} d{i % Html.Colours}\" d=\"{chart.Path(lines[i].Values)}\"><title>{Html.Text(lines[i].Name)}</title></path>");
        }

        return chart.End();
    }

    /// <summary>Areas over time, each on top of the one before.</summary>
    public static string Stack(string title, string unit, DateTimeOffset start, double hours, double stepMinutes, IReadOnlyList<ChartLine> lines, double most)
    {
        var count = lines.Select(l => l.Values.Count).DefaultIfEmpty(1).Max();
        var chart = new SvgChart(title, unit, start, stepMinutes, hours, most);
        var below = new double[count];
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i];
            var above = below.Select((value, at) => value + (at < line.Values.Count ? line.Values[at] : 0)).ToArray();
            chart._svg.Append(
                CultureInfo.InvariantCulture,
                $"<path class=\"area f{i % Html.Colours}\" d=\"{chart.Path(above)}{chart.PathBack(below)}Z\"><title>{Html.Text(line.Name)}</title></path>");
            below = above;
        }

        return chart.End();
    }

    private void DrawAxes(DateTimeOffset start)
    {
        for (var part = 0; part <= 4; part++)
        {
            var value = _most * part / 4;
            var y = Y(value);
            _svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/>");
            _svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{Units.Count(value)}{_unit}</text>");
        }

        var every = new[] { 1.0, 2, 3, 6, 12, 24, 48, 168 }.FirstOrDefault(h => _hours / h <= 12, 336);
        var first = every - (start.TimeOfDay.TotalHours % every);
        for (var hour = first >= every ? 0 : first; hour <= _hours; hour += every)
        {
            var x = X(hour);
            var wall = start.AddHours(hour);
            _svg.Append(CultureInfo.InvariantCulture, $"<line class=\"tick\" x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{Height - Bottom}\" y2=\"{Height - Bottom + 5}\"/>");
            _svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{x:0.#}\" y=\"{Height - Bottom + 19}\" text-anchor=\"middle\">{wall.ToString(wall.Hour == 0 ? "ddd d" : "HH:mm", CultureInfo.InvariantCulture)}</text>");
        }
    }

    private string Path(IReadOnlyList<double> values)
    {
        var path = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            path.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{X((i + 0.5) * _stepHours):0.#},{Y(values[i]):0.#}");
        }

        return path.ToString();
    }

    private string PathBack(double[] values)
    {
        var path = new StringBuilder();
        for (var i = values.Length - 1; i >= 0; i--)
        {
            path.Append(CultureInfo.InvariantCulture, $"L{X((i + 0.5) * _stepHours):0.#},{Y(values[i]):0.#}");
        }

        return path.ToString();
    }

    private string End() => _svg.Append("</svg>").ToString();

    private double X(double hour) => Left + ((Width - Left - Right) * hour / _hours);

    private double Y(double value) => Height - Bottom - ((Height - Bottom - Top) * Math.Clamp(value / _most, 0, 1));

    /// <summary>A round number that is not below.</summary>
    private static double Nice(double value)
    {
        if (value <= 0)
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return s_roundFactors.Select(factor => factor * power).First(nice => nice >= value * 0.9999);
    }
}
