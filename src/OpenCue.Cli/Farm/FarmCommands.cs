using System.CommandLine;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Farm;

/// <summary><c>cue farm</c>.</summary>
internal static class FarmCommands
{
    public static Command Make() => new CueCommand("farm", "Look at the farm as a whole.") { Status() };

    private static CueCommand Status() => new CueCommand("status", "Show what the farm has and does.")
    {
        Examples = ["cue farm status", "cue farm status --json"],
    }.Do(StatusAsync);

    private static async Task StatusAsync(CommandRun run)
    {
        var hosts = (await run.Server.Hosts.GetHostsAsync(
            new Wire.HostGetHostsRequest { R = new Wire.HostSearchCriteria() }, cancellationToken: run.Cancel)).Hosts.Hosts;
        var shows = (await run.Server.Shows.GetShowsAsync(new Wire.ShowGetShowsRequest(), cancellationToken: run.Cancel)).Shows.Shows;
        var up = hosts.Where(host => host.State == Wire.HardwareState.Up).ToList();
        var facts = new Facts(run.Terminal)
        {
            { "Server", run.Server.Address },
            { "Hosts", $"{up.Count} of {hosts.Count} up, {up.Count(host => host.LockState != Wire.LockState.Open)} of them locked" },
            { "Cores", $"{Units.Cores(up.Sum(host => host.IdleCores))} of {Units.Cores(up.Sum(host => host.Cores))} idle" },
            { "Memory", $"{Units.Memory(up.Sum(host => host.IdleMemory))} of {Units.Memory(up.Sum(host => host.Memory))} idle" },
            { "Jobs", $"{Units.Count(shows.Sum(show => show.ShowStats.PendingJobs))} pending in {Units.Count(shows.Count, "show")}" },
            { "Frames", $"{Units.Count(shows.Sum(show => show.ShowStats.RunningFrames))} running, {Units.Count(shows.Sum(show => show.ShowStats.PendingFrames))} pending, {Units.Count(shows.Sum(show => show.ShowStats.DeadFrames))} dead" },
        };
        facts.Write();
    }
}
