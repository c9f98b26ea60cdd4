using System.Text;

namespace OpenCue.Simulator.Reports;

/// <summary>One report or several of the same work as a page with charts. It needs nothing but itself.</summary>
internal sealed class HtmlReport
{
    private readonly IReadOnlyList<RunReport> _reports;
    private readonly StringBuilder _page = new();

    private HtmlReport(IReadOnlyList<RunReport> reports) => _reports = reports;

    /// <summary>The page.</summary>
    public static string Of(IReadOnlyList<RunReport> reports) => new HtmlReport(reports).Make();

    private RunReport First => _reports[0];

    /// <summary>All charts reach as far as the longest run, so that they can be laid on each other.</summary>
    private double Hours => _reports.Max(r => r.Hours);

    private string Make()
    {
        var title = $"{First.Trace}: {string.Join(", ", _reports.Select(r => r.Policy))}";
        _page.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{Html.Text(title)}</title>\n");
        _page.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        _page.Append(CultureInfo.InvariantCulture, $"<style>\n{Html.Style}\n</style></head><body>\n<h1>{Html.Text(First.Trace)}</h1>\n");
        _page.Append(
            CultureInfo.InvariantCulture,
            $"<p class=\"dim\">{Html.Text(string.Join(" · ", _reports.Select(r => r.Policy)))} · from {First.Start:yyyy-MM-dd HH:mm} · {Units.Count(First.Farm.Hosts)} hosts, "
            + $"{Units.Count(First.Farm.Cores)} cores, {Units.Count(First.Farm.MemoryGib)} GiB, {First.Farm.Gpus} GPUs</p>\n");
        AddFacts();
        AddUse();
        AddShares();
        AddTimes("Waits", "From when a frame could run to its first start.", r => r.Waits);
        AddTimes("Turnaround", "From a job's submission to its end.", r => r.Turnarounds);
        AddLeft();
        return _page.Append("</body></html>\n").ToString();
    }

    private void AddFacts()
    {
        Heading("Summary", "");
        var columns = _reports.Select(r => TextReport.Facts(r).ToList()).ToList();
        var names = columns.SelectMany(c => c.Select(f => f.Name)).Distinct();
        Table(
            ["", .. _reports.Select(r => r.Policy)],
            names.Select(name => columns.Select(c => c.FirstOrDefault(f => f.Name == name).Value ?? "-").Prepend(name).ToArray()));
    }

    private void AddUse()
    {
        Heading("Use of the farm", "");
        var course = First.Course;
        Chart("Cores in use, percent", _reports.Select(r => new ChartLine(r.Policy, r.Course.Cores)).ToList(), " %", 100);
        if (_reports.Count == 1)
        {
            var others = new List<ChartLine> { new("memory", course.Memory) };
            if (course.Gpus.Count > 0)
            {
                others.Add(new ChartLine("GPUs", course.Gpus));
            }

            Chart("Memory and GPUs in use, percent", others, " %", 100);
        }

        Chart("Frames that wait for a host", _reports.Select(r => new ChartLine(r.Policy, [.. r.Course.Waiting.Select(n => (double)n)])).ToList(), "");
        foreach (var report in _reports)
        {
            var lines = report.Course.Shows.Select(s => new ChartLine(s.Show, s.Cores)).ToList();
            if (lines.Count > 0)
            {
                var title = _reports.Count == 1 ? "Cores by show" : $"Cores by show, {report.Policy}";
                _page.Append(CultureInfo.InvariantCulture, $"<h3>{Html.Text(title)}</h3>\n{Legend(lines, areas: true)}");
                _page.Append(SvgChart.Stack(title, "", report.Start, Hours, report.Course.StepMinutes, lines, report.Farm.Cores)).Append('\n');
            }
        }
    }

    private void AddShares()
    {
        Heading("Shares", "What each show had of all cores in use while shows contended for them. The stroke marks what would have been fair then: its share by its subscriptions' sizes, and its part of what others did not want of theirs.");
        var shows = First.Fairness.Shows.Select(s => s.Show).ToList();
        if (_reports.Count > 1)
        {
            _page.Append(Legend([.. _reports.Select(r => new ChartLine(r.Policy, []))], areas: true));
        }

        var groups = shows.Select(show => new BarGroup(
            show,
            [.. _reports.Select(r => r.Fairness.Shows.FirstOrDefault(s => s.Show == show)?.ContendedUsePercent ?? 0).Select(p => (p, Units.Percent(p)))],
            Use(First, show).FairPercent));
        _page.Append(SvgBars.Draw("Use by show against its share", [.. groups])).Append('\n');
        Table(
            ["Show", "size", "share"],
            ["use", "fair when contended", "use then", "core hours"],
            shows.Select(show => new[] { show, Units.Count(Use(First, show).SizeCores), Units.Percent(Use(First, show).SharePercent) }
                .Concat(_reports.SelectMany(r => new[]
                {
                    Units.Percent(Use(r, show).UsePercent), Units.Percent(Use(r, show).FairPercent), Units.Percent(Use(r, show).ContendedUsePercent), Units.Count(Use(r, show).CoreHours),
                }))
                .ToArray()));
    }

    private void AddTimes(string title, string about, Func<RunReport, IReadOnlyList<SpreadRow>> rowsOf)
    {
        Heading(title, about);
        var rows = _reports.SelectMany(rowsOf).Select(r => (r.Show, r.Priority)).Distinct().ToList();
        if (_reports.Count > 1)
        {
            _page.Append(Legend([.. _reports.Select(r => new ChartLine(r.Policy, []))], areas: true));
        }

        var summed = rows.Where(r => r.Show is null || r.Priority is null).ToList();
        _page.Append("<h3>95 of hundred are shorter than</h3>\n");
        _page.Append(SvgBars.Draw(title, [.. summed.Select(key => new BarGroup(
            NameOf(key),
            [.. _reports.Select(r => RowOf(rowsOf(r), key)?.P95 ?? 0).Select(p => (p, Units.Time(p)))]))])).Append('\n');
        TimesTable(summed, rowsOf);
        if (rows.Count > summed.Count)
        {
            _page.Append("<details><summary>By show and priority</summary>\n");
            TimesTable([.. rows.Except(summed)], rowsOf);
            _page.Append("</details>\n");
        }
    }

    private void TimesTable(IReadOnlyList<(string? Show, int? Priority)> keys, Func<RunReport, IReadOnlyList<SpreadRow>> rowsOf) => Table(
        [""],
        ["count", "median", "95 %", "longest"],
        keys.Select(key => _reports
            .SelectMany(r => RowOf(rowsOf(r), key) is { } row
                ? new[] { Units.Count(row.Count), Units.Time(row.P50), Units.Time(row.P95), Units.Time(row.Max) }
                : ["-", "-", "-", "-"])
            .Prepend(NameOf(key))
            .ToArray()));

    private void AddLeft()
    {
        foreach (var report in _reports.Where(r => r.Left.Count > 0))
        {
            Heading($"Not done{Of(report)}", "The layers with most frames waiting.");
            Table(
                ["Job", "layer", "waiting", "held", "running"],
                report.Left.Select(l => new[] { l.Job, l.Layer, Units.Count(l.Waiting), Units.Count(l.Held), Units.Count(l.Running) }));
        }
    }

    private void Chart(string title, List<ChartLine> lines, string unit, double? most = null)
    {
        _page.Append(CultureInfo.InvariantCulture, $"<h3>{Html.Text(title)}</h3>\n");
        if (lines.Count > 1)
        {
            _page.Append(Legend(lines, areas: false));
        }

        _page.Append(SvgChart.Lines(title, unit, First.Start, Hours, First.Course.StepMinutes, lines, most)).Append('\n');
    }

    private void Heading(string title, string about)
    {
        _page.Append(CultureInfo.InvariantCulture, $"<h2>{Html.Text(title)}</h2>\n");
        if (about.Length > 0)
        {
            _page.Append(CultureInfo.InvariantCulture, $"<p class=\"dim\">{Html.Text(about)}</p>\n");
        }
    }

    private static string Legend(List<ChartLine> lines, bool areas)
    {
        var legend = new StringBuilder("<p class=\"legend\">");
        for (var i = 0; i < lines.Count; i++)
        {
            var colour = i % Html.Colours;
            var sample = areas ? $"<rect class=\"f{colour}\" width=\"26\" height=\"10\"/>" : $"<path class=\"line c{colour} d{colour}\" d=\"M0,5L26,5\"/>";
            legend.Append(CultureInfo.InvariantCulture, $"<span><svg viewBox=\"0 0 26 10\" aria-hidden=\"true\">{sample}</svg>{Html.Text(lines[i].Name)}</span>");
        }

        return legend.Append("</p>\n").ToString();
    }

    /// <summary>A table with columns of its own, and then the same columns for each policy.</summary>
    private void Table(string[] own, string[] ofEach, IEnumerable<string[]> rows)
    {
        _page.Append("<div class=\"wide\"><table><thead>");
        if (_reports.Count > 1)
        {
            _page.Append(CultureInfo.InvariantCulture, $"<tr><th colspan=\"{own.Length}\"></th>");
            _page.AppendJoin("", _reports.Select(r => $"<th scope=\"colgroup\" class=\"first\" colspan=\"{ofEach.Length}\">{Html.Text(r.Policy)}</th>")).Append("</tr>");
        }

        _page.Append("<tr>").AppendJoin("", own.Select(t => $"<th scope=\"col\">{Html.Text(t)}</th>"));
        foreach (var _ in _reports)
        {
            _page.AppendJoin("", ofEach.Select((t, i) => $"<th scope=\"col\"{(i == 0 ? " class=\"first\"" : "")}>{Html.Text(t)}</th>"));
        }

        _page.Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            var cells = row.Select((cell, i) => (i - own.Length) % ofEach.Length == 0 && i >= own.Length ? $"<td class=\"first\">{Html.Text(cell)}</td>" : $"<td>{Html.Text(cell)}</td>");
            _page.Append("<tr>").AppendJoin("", cells).Append("</tr>\n");
        }

        _page.Append("</tbody></table></div>\n");
    }

    private void Table(IReadOnlyList<string> titles, IEnumerable<string[]> rows)
    {
        _page.Append("<div class=\"wide\"><table><thead><tr>");
        _page.AppendJoin("", titles.Select(t => $"<th scope=\"col\">{Html.Text(t)}</th>")).Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            _page.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{Html.Text(cell)}</td>")).Append("</tr>\n");
        }

        _page.Append("</tbody></table></div>\n");
    }

    /// <summary>Tells columns of several policies apart.</summary>
    private string Of(RunReport report) => _reports.Count == 1 ? "" : $", {report.Policy}";

    private static string NameOf((string? Show, int? Priority) key) => TextReport.Title(new SpreadRow(key.Show, key.Priority, 0, 0, 0, 0, 0));

    private static SpreadRow? RowOf(IReadOnlyList<SpreadRow> rows, (string? Show, int? Priority) key) =>
        rows.FirstOrDefault(r => r.Show == key.Show && r.Priority == key.Priority);

    private static ShowUse Use(RunReport report, string show) =>
        report.Fairness.Shows.FirstOrDefault(s => s.Show == show) ?? new ShowUse(show, 0, 0, 0, 0, 0, 0);
}
