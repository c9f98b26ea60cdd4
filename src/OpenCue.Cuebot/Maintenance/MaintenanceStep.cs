using OpenCue.Engine;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Shows;

namespace OpenCue.Cuebot.Maintenance;

/// <summary>
/// What time alone makes due: silent hosts, questions and kills to be repeated, checkpoints left over, finished jobs whose frames come to rest, and
/// those that become history.
/// </summary>
internal sealed class MaintenanceStep : IBatchStep
{
    private const long EveryMs = 1000;
    private const long HostsEveryMs = 10_000;
    private const long ShareUseEveryMs = 60_000;
    private const int ArchiveAtOnce = 4;
    private const int CheckpointsAtOnce = 2000;
    private const int LayersToRestAtOnce = 200;

    private long _nextEngineMs = long.MinValue;
    private long _nextHostsEngineMs = long.MinValue;
    private long _nextShareUseEngineMs = long.MinValue;

    /// <inheritdoc/>
    public string Name => "maintenance";

    /// <inheritdoc/>
    public Actor Actor => Actor.Maintenance;

    /// <inheritdoc/>
    public void OnFarmReplaced(FarmModel farm) => _nextEngineMs = _nextHostsEngineMs = _nextShareUseEngineMs = long.MinValue;

    /// <inheritdoc/>
    public StepResult Run(FarmEdit edit, StepSlice slice)
    {
        if (edit.Now.EngineMs < _nextEngineMs)
        {
            return StepResult.Done;
        }

        if (edit.Now.EngineMs >= _nextHostsEngineMs)
        {
            if (!LostHosts.Sweep(edit))
            {
                return StepResult.More;
            }

            // It looks at every job, and what it looks for is minutes old.
            Checkpoints.FreeStale(edit, CheckpointsAtOnce);
            _nextHostsEngineMs = edit.Now.EngineMs + HostsEveryMs;
        }

        if (edit.Now.EngineMs >= _nextShareUseEngineMs)
        {
            ShareUse.Store(edit);
            _nextShareUseEngineMs = edit.Now.EngineMs + ShareUseEveryMs;
        }

        RunUpkeep.Sweep(edit);
        if (JobRules.ArchiveDue(edit, ArchiveAtOnce) == ArchiveAtOnce)
        {
            return StepResult.More;
        }

        if (JobRest.PutDue(edit, LayersToRestAtOnce) >= LayersToRestAtOnce)
        {
            return StepResult.More;
        }

        _nextEngineMs = edit.Now.EngineMs + EveryMs;
        return StepResult.Done;
    }
}
