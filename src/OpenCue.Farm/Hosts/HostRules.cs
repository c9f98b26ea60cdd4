using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Hosts;

/// <summary>What people and the server itself do to hosts.</summary>
public static class HostRules
{
    private const long TellAgainMs = 10_000;

    /// <summary>
    /// Locks a host: nothing more is booked, what runs goes on. The lock stands at once and its agent is told until it answers; OpenCue refuses to
    /// lock a host that can't be reached.
    /// </summary>
    public static void Lock(FarmEdit edit, Host host) => SetLocked(edit, host, true);

    /// <summary>Takes away a person's lock. One by NIMBY stays.</summary>
    public static void Unlock(FarmEdit edit, Host host) => SetLocked(edit, host, false);

    /// <summary>Sets the hardware state. Nobody else is told; a person's REPAIR is not taken back by the server.</summary>
    public static void SetState(FarmEdit edit, Host host, HardwareState state, string? reason = null)
    {
        if (host.Row.State == state && host.Row.RepairReason is null)
        {
            return;
        }

        edit.Emit(FarmEventKind.HostState, host.Id, from: (int)host.Row.State, to: (int)state, reason: reason);
        edit.Set(host, host.Row with { State = state, RepairReason = null });
    }

    /// <summary>
    /// Caps how many procs the host may have at once; 0 takes the cap away. Procs that are there stay, and take their next frames.
    /// </summary>
    public static void SetMaxProcs(FarmEdit edit, Host host, int maxProcs)
    {
        if (maxProcs < 0)
        {
            throw FarmException.Invalid($"Host {host.Row.Name} can't have at most {maxProcs} procs: write 0 for as many as fit, or more.");
        }

        if (host.Row.MaxProcs != maxProcs)
        {
            edit.Emit(FarmEventKind.SettingChanged, host.Id, reason: $"most procs of host {host.Row.Name}: {host.Row.MaxProcs} -> {maxProcs}");
            edit.Set(host, host.Row with { MaxProcs = maxProcs });
        }
    }

    /// <summary>Its agent was told a lock state, or could not be told. If that is not the state any more, it is told again.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="hostId">The host.</param>
    /// <param name="locked">What it was told.</param>
    /// <param name="taken">True if the agent took it, or never will.</param>
    public static void LockTold(FarmEdit edit, EntityId hostId, bool locked, bool taken)
    {
        if (!taken || !edit.Farm.Hosts.TryGet(hostId, out var host) || host.TellLockAtEngineMs is null)
        {
            return;
        }

        if (host.Row.Locked == locked)
        {
            host.TellLockAtEngineMs = null;
            edit.Farm.HostsToTell.Remove(host);
        }
        else
        {
            TellLock(edit, host);
        }
    }

    /// <summary>Somebody works at the host, or not any more.</summary>
    internal static void SetNimbyLocked(FarmEdit edit, Host host, bool locked)
    {
        var before = host.LockState;
        edit.Set(host, host.Row with { NimbyLocked = locked });
        if (host.LockState != before)
        {
            edit.Emit(FarmEventKind.HostLock, host.Id, from: (int)before, to: (int)host.LockState);
        }
    }

    /// <summary>Has the agent told the lock state as it is then.</summary>
    internal static void TellLock(FarmEdit edit, Host host)
    {
        host.TellLockAtEngineMs = edit.Now.EngineMs + TellAgainMs;
        edit.Farm.HostsToTell.Add(host);
        edit.Do(EffectKind.TellLock, host.Id, host.Id);
    }

    private static void SetLocked(FarmEdit edit, Host host, bool locked)
    {
        if (host.Row.Locked == locked)
        {
            return;
        }

        var before = host.LockState;
        edit.Set(host, host.Row with { Locked = locked });
        edit.Emit(FarmEventKind.HostLock, host.Id, from: (int)before, to: (int)host.LockState);
        TellLock(edit, host);
    }
}
