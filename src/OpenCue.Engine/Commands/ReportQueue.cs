namespace OpenCue.Engine.Commands;

/// <summary>
/// Reports that wait, at most one state report of a host behind another: a later one takes the place of the one that waits. What a host said before
/// and after a boot report stays before and after it.
/// </summary>
internal sealed class ReportQueue(int capacity, EngineInstruments instruments) : CommandQueue(capacity)
{
    private readonly Dictionary<ReportKey, ReportCommand> _last = [];

    /// <summary>Never refuses: a command with a caller and a boot report always find room, a state report is dropped if there is none.</summary>
    public override bool TryAdd(Command command)
    {
        lock (Lock)
        {
            if (command is not ReportCommand report)
            {
                Enqueue(command);
                return true;
            }

            if (_last.TryGetValue(report.Key, out var last) && last.Kind == report.Kind)
            {
                last.BecomeLatest(report);
                instruments.ReportsCoalesced.Add(1);
                return true;
            }

            // Its host will send the next one in seconds; whoever sent it must not be told of an error (an agent may end itself on one).
            if (IsFull && report.Kind == ReportKind.State)
            {
                instruments.ReportsDropped.Add(1);
                return true;
            }

            Enqueue(report);
            _last[report.Key] = report;
            return true;
        }
    }

    protected override void OnTaken(Command command)
    {
        if (command is ReportCommand report && _last.TryGetValue(report.Key, out var last) && last == report)
        {
            _last.Remove(report.Key);
        }
    }
}
