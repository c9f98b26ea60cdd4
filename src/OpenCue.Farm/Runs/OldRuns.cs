using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>
/// Runs that the farm does not hold and that may live on a host all the same: those that time or a person decided to have ended, and those that were
/// ordered killed because they are not current. A late report of one is known for what it is; its frame is not booked on that host before the host has
/// shown that the run is gone, as a kill, which names only the frame, could hit the new one.
/// </summary>
public sealed class OldRuns
{
    private readonly Dictionary<EntityId, OldRun> _byRun = [];
    private readonly Dictionary<EntityId, HashSet<OldRun>> _byHost = [];

    /// <summary>How many there are.</summary>
    public int Count => _byRun.Count;

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<OldRun> All => _byRun.Values;

    /// <summary>What is known about this run, or null if it is not one of these.</summary>
    public OldRun? Find(EntityId run) => _byRun.GetValueOrDefault(run);

    /// <summary>Those that may live on a host.</summary>
    public IReadOnlyCollection<OldRun> On(EntityId host) => _byHost.TryGetValue(host, out var runs) ? runs : [];

    /// <summary>A run ends without proof.</summary>
    internal static void Assume(FarmEdit edit, Run run, RunEnd end) => edit.Add(new OldRun(new OldRunRow
    {
        Id = run.Id,
        HostId = run.Host.Id,
        FrameId = run.FrameId,
        End = end,
        AtMs = edit.Now.WallMs,
    }));

    /// <summary>A run that is not current is ordered killed. Stored before that is sent: the kill may be carried out after this server has died.</summary>
    internal static void Kill(FarmEdit edit, Host host, EntityId runId, EntityId frameId)
    {
        var old = edit.Farm.OldRuns.Find(runId);
        if (old?.Row.HostId == host.Id)
        {
            edit.Set(old, old.Row with { KilledEngineMs = edit.Now.EngineMs });
        }
        else if (old is null)
        {
            edit.Add(new OldRun(new OldRunRow
            {
                Id = runId,
                HostId = host.Id,
                FrameId = frameId,
                AtMs = edit.Now.WallMs,
                KilledEngineMs = edit.Now.EngineMs,
            }));
        }
    }

    /// <summary>
    /// Its host has shown that it is gone. A kill of it may still be on its way to an agent that does not look at run ids: then it is remembered until a later
    /// report.
    /// </summary>
    internal static void NoteGone(FarmEdit edit, OldRun old)
    {
        var farm = edit.Farm;
        var row = old.Row;
        if (row.KilledEngineMs > 0 && farm.Hosts.TryGet(row.HostId, out var host) && host.Row.Agent != AgentKind.OpenCueNet
            && edit.Now.EngineMs - row.KilledEngineMs <= farm.Settings.LaunchDeadlineMs + farm.Settings.ForgottenAfterMs)
        {
            return;
        }

        edit.Remove(old);
        RunCalls.MarkFree(farm, row.HostId, row.FrameId);
    }

    internal void Put(FarmModel farm, OldRun run)
    {
        _byRun.Add(run.Id, run);
        if (!_byHost.TryGetValue(run.Row.HostId, out var onHost))
        {
            _byHost.Add(run.Row.HostId, onHost = []);
        }

        onHost.Add(run);
        farm.OpenCalls.Hold(run.Row.HostId, run.Row.FrameId);
    }

    internal void Take(FarmModel farm, OldRun run)
    {
        _byRun.Remove(run.Id);
        if (_byHost.TryGetValue(run.Row.HostId, out var onHost) && onHost.Remove(run) && onHost.Count == 0)
        {
            _byHost.Remove(run.Row.HostId);
        }

        farm.OpenCalls.Unhold(run.Row.HostId, run.Row.FrameId);
    }
}

/// <summary>A run that the farm does not hold and that may live on a host. Stored, so that a restart neither takes it for a stranger nor books over it.</summary>
public sealed class OldRun(OldRunRow row) : Entity<OldRunRow>(row)
{
    /// <summary>True if nobody proved its end: time or a person decided it.</summary>
    public bool IsAssumed => Row.End != RunEnd.None;

    internal override void Attach(FarmModel farm) => farm.OldRuns.Put(farm, this);

    internal override void Detach(FarmModel farm) => farm.OldRuns.Take(farm, this);
}

/// <summary>What is stored of a run that may live on although the farm does not hold it.</summary>
public sealed record OldRunRow : IRow
{
    /// <inheritdoc/>
    public required EntityId Id { get; init; }

    /// <summary>Where it may live.</summary>
    public required EntityId HostId { get; init; }

    /// <summary>Its frame.</summary>
    public required EntityId FrameId { get; init; }

    /// <summary>Who decided that it has ended, time or a person; nothing if its host showed it and it is not current.</summary>
    public RunEnd End { get; init; }

    /// <summary>When that was, ms since 1970.</summary>
    public long AtMs { get; init; }

    /// <summary>Engine time at which it was last ordered killed as not current; 0 if it was not.</summary>
    public long KilledEngineMs { get; init; }
}
