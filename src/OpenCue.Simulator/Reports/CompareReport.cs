namespace OpenCue.Simulator.Reports;

/// <summary>Several reports of the same work, side by side, for a terminal.</summary>
internal static class CompareReport
{
    private const int MostRows = 30;

    /// <summary>Writes it.</summary>
    public static void Write(IReadOnlyList<RunReport> reports, TextWriter to)
    {
        var first = reports[0];
        to.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{first.Trace}, from {first.Start:yyyy-MM-dd HH:mm}, {Units.Count(first.Farm.Hosts)} hosts, {Units.Count(first.Farm.Cores)} cores\n\n"));
        var facts = reports.Select(r => TextReport.Facts(r).ToList()).ToList();
        var summary = new TextTable(["", .. reports.Select(r => r.Policy)]);
        foreach (var name in facts.SelectMany(f => f.Select(x => x.Name)).Distinct())
        {
            summary.Add([name, .. facts.Select(f => f.FirstOrDefault(x => x.Name == name).Value ?? "-")]);
        }

        summary.Write(to);
        to.Write('\n');
        var shows = new TextTable(["Use (and what were fair) when shows contend", "share", .. reports.Select(r => r.Policy)]);
        foreach (var show in first.Fairness.Shows)
        {
            var use = reports
                .Select(r => r.Fairness.Shows.FirstOrDefault(s => s.Show == show.Show))
                .Select(u => $"{Units.Percent(u?.ContendedUsePercent)} ({Units.Percent(u?.FairPercent)})");
            shows.Add([show.Show, Units.Percent(show.SharePercent), .. use]);
        }

        shows.Write(to);
        WriteTimes(reports, to, "Waits of frames: median, 95 %", r => r.Waits);
        WriteTimes(reports, to, "Turnaround of jobs: median, 95 %", r => r.Turnarounds);
        foreach (var report in reports.Where(r => r.Left.Count > 0))
        {
            to.Write($"\n{report.Policy} left work undone: {Units.Count(report.Left.Sum(l => l.Waiting))} frames waited in the {report.Left.Count} worst layers; see cue-sim run.\n");
        }
    }

    private static void WriteTimes(IReadOnlyList<RunReport> reports, TextWriter to, string title, Func<RunReport, IReadOnlyList<SpreadRow>> rowsOf)
    {
        to.Write('\n');
        var table = new TextTable([title, .. reports.Select(r => r.Policy)]);
        var keys = reports.SelectMany(rowsOf).Select(r => (r.Show, r.Priority)).Distinct().ToList();
        var some = keys.Count <= MostRows ? keys : keys.Where(k => k.Show is null || k.Priority is null);
        foreach (var key in some)
        {
            var cells = reports
                .Select(r => rowsOf(r).FirstOrDefault(x => (x.Show, x.Priority) == key))
                .Select(row => row is null ? "-" : $"{Units.Time(row.P50)}, {Units.Time(row.P95)}");
            table.Add([TextReport.Title(new SpreadRow(key.Show, key.Priority, 0, 0, 0, 0, 0)), .. cells]);
        }

        table.Write(to);
    }
}
