using OpenCue.Cli.Output;

namespace OpenCue.Cli.Hosts;

/// <summary>Words for the states of hosts.</summary>
internal static class HostTexts
{
    public static Cell State(Wire.Host host) => host.State switch
    {
        Wire.HardwareState.Up => new Cell("up", Ink.Good),
        Wire.HardwareState.Down => new Cell("down", Ink.Bad),
        Wire.HardwareState.Rebooting => new Cell("rebooting", Ink.Odd),
        Wire.HardwareState.RebootWhenIdle => new Cell("reboot-when-idle", Ink.Odd),
        Wire.HardwareState.Repair => new Cell("repair", Ink.Bad),
        _ => host.State.ToString(),
    };

    public static Cell Lock(Wire.Host host) => host.LockState switch
    {
        Wire.LockState.Open => new Cell("open"),
        Wire.LockState.Locked => new Cell("locked", Ink.Odd),
        Wire.LockState.NimbyLocked => new Cell("nimby", Ink.Odd),
        _ => host.LockState.ToString(),
    };
}
