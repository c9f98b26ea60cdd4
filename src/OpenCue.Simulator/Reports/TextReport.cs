namespace OpenCue.Simulator.Reports;

/// <summary>A report as tables for a terminal.</summary>
internal static class TextReport
{
    private const int MostOfBoth = 12;

    /// <summary>Writes it.</summary>
    public static void Write(RunReport report, TextWriter to)
    {
        Line(to, $"{report.Trace} with {report.Policy}, {report.Hours:0.##} virtual hours from {report.Start:yyyy-MM-dd HH:mm}");
        Line(to, $"{Units.Count(report.Farm.Hosts)} hosts, {Units.Count(report.Farm.Cores)} cores, {Units.Count(report.Farm.MemoryGib)} GiB, {report.Farm.Gpus} GPUs");
        Line(to);
        var facts = new TextTable("", "");
        foreach (var (name, value) in Facts(report))
        {
            facts.Add(name, value);
        }

        facts.Write(to);
        WriteShows(report, to);
        WriteTimes(to, "Waits of frames for their first start", report.Waits);
        WriteTimes(to, "Turnaround of jobs", report.Turnarounds);
        WriteLeft(report, to);
    }

    /// <summary>The figures that sum up a report, by name.</summary>
    public static IEnumerable<(string Name, string Value)> Facts(RunReport report)
    {
        var work = report.Work;
        yield return ("Cores in use", Units.Percent(report.Utilisation.Cores));
        yield return ("Memory in use", Units.Percent(report.Utilisation.Memory));
        yield return ("GPUs in use", Units.Percent(report.Utilisation.Gpus));
        yield return ("Jobs done", $"{Units.Count(work.JobsDone)} of {Units.Count(work.Jobs)}");
        yield return ("Frames done", $"{Units.Count(work.FramesDone)} of {Units.Count(work.Frames)}");
        yield return ("Frames given up", Units.Count(work.FramesGivenUp));
        yield return ("Frames an hour", Units.Count(work.FramesPerHour));
        yield return ("Core hours", Units.Count(work.CoreHours));
        yield return ("Core hours wasted", $"{Units.Count(work.CoreHoursWasted)} ({Units.Percent(work.CoreHours > 0 ? 100 * work.CoreHoursWasted / work.CoreHours : 0)})");
        yield return ("Runs failed", $"{Units.Count(work.RunsFailed)} of {Units.Count(work.Runs)}");
        if (report.Waits is [var waits, ..])
        {
            yield return ("Wait, median", Units.Time(waits.P50));
            yield return ("Wait, 95 %", Units.Time(waits.P95));
            yield return ("Wait, longest", Units.Time(waits.Max));
        }

        if (report.Turnarounds is [var turnarounds, ..])
        {
            yield return ("Job turnaround, median", Units.Time(turnarounds.P50));
            yield return ("Job turnaround, 95 %", Units.Time(turnarounds.P95));
        }

        yield return ("Fairness (Jain) while shows contend", Units.Index(report.Fairness.Jain));
        yield return ("Time in which shows contend", Units.Percent(report.Fairness.ContendedPercent));
        yield return ("Bookings", $"{Units.Count(report.Engine.Bookings)}, {Units.Count(report.Engine.BookingsInKeptPlaces)} in kept places");
        yield return ("Scheduler passes", Units.Count(report.Engine.Passes));
        yield return ("Batches", Units.Count(report.Engine.Batches));
        if (report.Engine.Checks > 0)
        {
            yield return ("Checks of the farm, all sound", Units.Count(report.Engine.Checks));
        }
    }

    /// <summary>What a row is about.</summary>
    public static string Title(SpreadRow row) => (row.Show, row.Priority) switch
    {
        (null, null) => "all",
        ({ } show, null) => show,
        (null, { } priority) => string.Create(CultureInfo.InvariantCulture, $"priority {priority}"),
        ({ } show, { } priority) => string.Create(CultureInfo.InvariantCulture, $"{show}, priority {priority}"),
    };

    private static void WriteShows(RunReport report, TextWriter to)
    {
        Line(to);
        var table = new TextTable("Show", "size", "share", "use", "fair when contended", "use then", "core hours");
        foreach (var show in report.Fairness.Shows)
        {
            table.Add(
                show.Show,
                Units.Count(show.SizeCores),
                Units.Percent(show.SharePercent),
                Units.Percent(show.UsePercent),
                Units.Percent(show.FairPercent),
                Units.Percent(show.ContendedUsePercent),
                Units.Count(show.CoreHours));
        }

        table.Write(to);
    }

    private static void WriteTimes(TextWriter to, string title, IReadOnlyList<SpreadRow> rows)
    {
        Line(to);
        var table = new TextTable(title, "count", "mean", "median", "95 %", "longest");
        var isLong = rows.Count(IsOfBoth) > MostOfBoth;
        foreach (var row in rows.Where(row => !isLong || !IsOfBoth(row)))
        {
            table.Add(Title(row), Units.Count(row.Count), Units.Time(row.Mean), Units.Time(row.P50), Units.Time(row.P95), Units.Time(row.Max));
        }

        table.Write(to);
        if (isLong)
        {
            Line(to, $"(by show and priority: --json)");
        }
    }

    private static bool IsOfBoth(SpreadRow row) => row is { Show: not null, Priority: not null };

    private static void WriteLeft(RunReport report, TextWriter to)
    {
        if (report.Left.Count == 0)
        {
            return;
        }

        Line(to);
        var table = new TextTable("Not done (the layers with most waiting)", "waiting", "held", "running");
        foreach (var left in report.Left)
        {
            table.Add($"{left.Job} {left.Layer}", Units.Count(left.Waiting), Units.Count(left.Held), Units.Count(left.Running));
        }

        table.Write(to);
    }

    private static void Line(TextWriter to, FormattableString? text = null)
    {
        to.Write(text is null ? "" : FormattableString.Invariant(text));
        to.Write('\n');
    }
}
