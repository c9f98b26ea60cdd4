using OpenCue.Farm.Hosts;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Sums over hosts of one allocation. There may be a hundred thousand hosts, so they are summed in slices, and the slices then.</summary>
internal struct AllocationSums
{
    private LongSum _total;
    private LongSum _idle;
    private LongSum _available;
    private LongSum _locked;
    private int _hosts;
    private int _lockedHosts;
    private int _downHosts;

    /// <summary>Adds a host. As in OpenCue, hosts locked by NIMBY count in the locked cores but not among the locked hosts.</summary>
    public void Add(Host host)
    {
        _hosts++;
        _total += host.Row.Total;
        _idle += host.Idle;
        if (host.LockState != LockState.Open)
        {
            _locked += host.Row.Total;
        }
        else if (host.Row.State == HardwareState.Up)
        {
            _available += host.Idle;
        }

        _lockedHosts += host.LockState == LockState.Locked ? 1 : 0;
        _downHosts += host.Row.State == HardwareState.Down ? 1 : 0;
    }

    /// <summary>Adds the sums over other hosts.</summary>
    public void Add(in AllocationSums other)
    {
        _total += other._total;
        _idle += other._idle;
        _available += other._available;
        _locked += other._locked;
        _hosts += other._hosts;
        _lockedHosts += other._lockedHosts;
        _downHosts += other._downHosts;
    }

    /// <summary>The sums as clients see them.</summary>
    public readonly Wire.AllocationStats ToMessage() => new()
    {
        Cores = _total.Cores,
        Gpus = _total.Gpus,
        IdleCores = _idle.Cores,
        IdleGpus = _idle.Gpus,
        RunningCores = (_total - _idle).Cores,
        RunningGpus = (_total - _idle).Gpus,
        AvailableCores = _available.Cores,
        AvailableGpus = _available.Gpus,
        LockedCores = _locked.Cores,
        LockedGpus = _locked.Gpus,
        Hosts = _hosts,
        LockedHosts = _lockedHosts,
        DownHosts = _downHosts,
    };
}
