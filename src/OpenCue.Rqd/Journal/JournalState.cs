using System.Diagnostics.CodeAnalysis;

namespace OpenCue.Rqd.Journal;

/// <summary>What the entries of a journal add up to.</summary>
internal sealed class JournalState
{
    private readonly Dictionary<string, JournaledRun> _runs = new(StringComparer.Ordinal);
    private readonly RecentIds _acknowledged = new();
    private readonly RecentIds _killedBeforeLaunch = new();

    /// <summary>Runs that cuebot has not acknowledged, oldest first.</summary>
    public IReadOnlyList<JournaledRun> Runs => [.. _runs.Values.OrderBy(run => run.Record.AcceptedAt)];

    public int EntryCount => _runs.Count * 2 + _acknowledged.Count + _killedBeforeLaunch.Count;

    public bool WasAcknowledged(string key) => _acknowledged.Contains(key);

    public bool WasKilledBeforeLaunch(string runId) => _killedBeforeLaunch.Contains(runId);

    public void Apply(JournalEntry entry)
    {
        switch (entry)
        {
            case JournalEntry.Accepted accepted:
                _runs[accepted.Run.Key] = new JournaledRun(accepted.Run, null, null);
                break;
            case JournalEntry.KillOrdered kill when TryGet(kill.Key, out var run):
                _runs[kill.Key] = run with { Kill = kill.Kill };
                break;
            case JournalEntry.Ended ended when TryGet(ended.Key, out var run):
                _runs[ended.Key] = run with { End = ended.End };
                break;
            case JournalEntry.Acknowledged acknowledged:
                // An id that the agent made up itself cannot come again.
                if (!_runs.Remove(acknowledged.Key, out var known) || known.Record.RunId is not null)
                {
                    _acknowledged.Add(acknowledged.Key);
                }

                break;
            case JournalEntry.KilledBeforeLaunch kill:
                _killedBeforeLaunch.Add(kill.RunId);
                break;
            default:
                break; // of a run that was acknowledged meanwhile
        }
    }

    /// <summary>The fewest entries that add up to the same.</summary>
    public IEnumerable<JournalEntry> Entries()
    {
        foreach (var key in _acknowledged)
        {
            yield return new JournalEntry.Acknowledged(key);
        }

        foreach (var runId in _killedBeforeLaunch)
        {
            yield return new JournalEntry.KilledBeforeLaunch(runId);
        }

        foreach (var run in Runs)
        {
            yield return new JournalEntry.Accepted(run.Record);
            if (run.Kill is not null)
            {
                yield return new JournalEntry.KillOrdered(run.Record.Key, run.Kill);
            }

            if (run.End is not null)
            {
                yield return new JournalEntry.Ended(run.Record.Key, run.End);
            }
        }
    }

    private bool TryGet(string key, [NotNullWhen(true)] out JournaledRun? run) => _runs.TryGetValue(key, out run);
}
