namespace OpenCue.Simulator.Reports;

internal static class HtmlReport
{
    public static string Of(IReadOnlyList<RunReport> reports) => "";
}
