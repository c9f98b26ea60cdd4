using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>
/// Runs that time or a person decided to have ended, as long as their host has not shown that they are gone. A late report of one is refused by its
/// id; its frame is not booked on that host meanwhile, where the old run may live and a kill, which names only the frame, could hit the new one.
/// </summary>
public sealed class AssumedRuns
{
    private readonly Dictionary<EntityId, AssumedRun> _byRun = [];
    private readonly Dictionary<EntityId, HashSet<EntityId>> _byHost = [];

    /// <summary>How many there are.</summary>
    public int Count => _byRun.Count;

    /// <summary>What was decided about this run, or null if it is not one of these.</summary>
    public AssumedRun? Find(EntityId run) => _byRun.GetValueOrDefault(run);

    /// <summary>Those that may live on a host.</summary>
    public IReadOnlyCollection<EntityId> On(EntityId host) => _byHost.TryGetValue(host, out var runs) ? runs : [];

    internal static void Add(FarmEdit edit, Run run, RunEnd end)
    {
        var farm = edit.Farm;
        var assumed = new AssumedRun(run.Id, run.Host.Id, run.FrameId, end, edit.Now.WallMs);
        farm.Assumed.Put(farm, assumed);
        edit.OnUndo(() => farm.Assumed.Take(farm, assumed), () => farm.Assumed.Put(farm, assumed));
    }

    /// <summary>Its host has shown that it is gone.</summary>
    internal static void Remove(FarmEdit edit, EntityId run)
    {
        var farm = edit.Farm;
        if (farm.Assumed.Find(run) is { } assumed)
        {
            farm.Assumed.Take(farm, assumed);
            edit.OnUndo(() => farm.Assumed.Put(farm, assumed), () => farm.Assumed.Take(farm, assumed));
            RunCalls.MarkFree(farm, assumed.Host, assumed.Frame);
        }
    }

    private void Put(FarmModel farm, AssumedRun run)
    {
        _byRun.Add(run.Id, run);
        if (!_byHost.TryGetValue(run.Host, out var onHost))
        {
            _byHost.Add(run.Host, onHost = []);
        }

        onHost.Add(run.Id);
        farm.OpenCalls.Hold(run.Host, run.Frame);
    }

    private void Take(FarmModel farm, AssumedRun run)
    {
        _byRun.Remove(run.Id);
        if (_byHost.TryGetValue(run.Host, out var onHost) && onHost.Remove(run.Id) && onHost.Count == 0)
        {
            _byHost.Remove(run.Host);
        }

        farm.OpenCalls.Unhold(run.Host, run.Frame);
    }
}

/// <summary>A run that ended without proof.</summary>
/// <param name="Id">The run.</param>
/// <param name="Host">Where it was.</param>
/// <param name="Frame">Its frame.</param>
/// <param name="End">Who decided: time or a person.</param>
/// <param name="AtMs">When, ms since 1970.</param>
public sealed record AssumedRun(EntityId Id, EntityId Host, EntityId Frame, RunEnd End, long AtMs);
