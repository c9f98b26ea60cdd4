using System.Text;

namespace OpenCue.Simulator.Reports;

/// <summary>Some bars with a name.</summary>
/// <param name="Name">What they are about.</param>
/// <param name="Bars">Their values, each with a text.</param>
/// <param name="Mark">A value that is marked across them; null for none.</param>
internal sealed record BarGroup(string Name, IReadOnlyList<(double Value, string Text)> Bars, double? Mark = null);

/// <summary>Draws groups of bars as SVG, to stand in a page that gives the colours.</summary>
internal static class SvgBars
{
    private const double Width = 900;
    private const double Left = 150;
    private const double Right = 130;
    private const double BarHeight = 14;
    private const double Gap = 12;

    /// <summary>Draws them.</summary>
    public static string Draw(string title, IReadOnlyList<BarGroup> groups)
    {
        var most = groups.SelectMany(g => g.Bars.Select(b => b.Value).Append(g.Mark ?? 0)).Append(1e-9).Max();
        var height = groups.Sum(g => (g.Bars.Count * BarHeight) + Gap) + Gap;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{Html.Text(title)}\">");
        var y = Gap;
        foreach (var group in groups)
        {
            var room = group.Bars.Count * BarHeight;
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{y + (room / 2) + 4:0.#}\" text-anchor=\"end\">{Html.Text(group.Name)}</text>");
            for (var i = 0; i < group.Bars.Count; i++)
            {
                var (value, text) = group.Bars[i];
                var length = (Width - Left - Right) * value / most;
                var top = y + (i * BarHeight);
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<rect class=\"f{i % Html.Colours}\" x=\"{Left}\" y=\"{top + 1:0.#}\" width=\"{Math.Max(1, length):0.#}\" height=\"{BarHeight - 2}\"/>");

                // The mark must not go through the text.
                var markAt = (group.Mark ?? 0) * (Width - Left - Right) / most;
                var textAt = markAt > length - 4 && markAt < length + 52 ? Math.Max(length, markAt) : length;
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + textAt + 6:0.#}\" y=\"{top + 11:0.#}\">{Html.Text(text)}</text>");
            }

            if (group.Mark is { } mark)
            {
                var x = Left + ((Width - Left - Right) * mark / most);
                svg.Append(CultureInfo.InvariantCulture, $"<line class=\"mark\" x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{y - 3:0.#}\" y2=\"{y + room + 3:0.#}\"/>");
            }

            y += room + Gap;
        }

        return svg.Append("</svg>").ToString();
    }
}
