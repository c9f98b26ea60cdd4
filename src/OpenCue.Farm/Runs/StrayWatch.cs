namespace OpenCue.Farm.Runs;

/// <summary>
/// Whether this may be the wrong store: counts, after a load, the runs that hosts report for the first time and those among them that the farm
/// does not hold. Until every host had the time to report, and as long as too many are unknown, no stray run is killed.
/// </summary>
public sealed class StrayWatch
{
    private const int MostEnded = 50_000;

    private readonly HashSet<EntityId> _ended = [];

    /// <summary>Runs in the first report of each host since the load.</summary>
    public int Reported { get; internal set; }

    /// <summary>Those among them that the farm does not hold.</summary>
    public int Unknown { get; internal set; }

    /// <summary>True once the alarm was raised.</summary>
    public bool AlarmRaised { get; internal set; }

    /// <summary>True if a person said that strays may be killed.</summary>
    public bool AllowedByPerson { get; internal set; }

    /// <summary>True if more runs are unknown than a few accidents explain: more than 5 %.</summary>
    public bool TooMany => Unknown * 20L > Reported;

    /// <summary>
    /// True if the run was held since the load and has ended: a report that was made before its end may still show it, which is no sign of a wrong store.
    /// </summary>
    internal bool HasEnded(EntityId run) => _ended.Contains(run);

    /// <summary>Notes that a run has ended.</summary>
    internal void NoteEnded(EntityId run)
    {
        // Only the first reports after a load are counted, so what ended long ago is not asked for.
        if (_ended.Count >= MostEnded)
        {
            _ended.Clear();
        }

        _ended.Add(run);
    }

    /// <summary>True if stray runs may be killed now.</summary>
    public bool MayKill(FarmModel farm, FarmTime now) =>
        AllowedByPerson || (!TooMany && now.EngineMs - farm.LoadedEngineMs >= farm.Settings.HostDownAfterMs);
}
