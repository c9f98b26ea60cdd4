using System.CommandLine;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;
using OpenCue.Protocol.V1;

namespace OpenCue.Cli.Farm;

/// <summary><c>cue farm status</c>. A cuebot of OpenCue's own has no such call; from it the same is put together from its lists.</summary>
internal static class FarmStatusCommand
{
    public static Command Make() => new CueCommand("status", "Show how the server is, and what the farm has and does.")
    {
        Examples = ["cue farm status", "cue farm status --json"],
    }.Do(RunAsync);

    private static async Task RunAsync(CommandRun run)
    {
        GetStatusResponse status;
        try
        {
            status = await run.Server.Admin.GetStatusAsync(new GetStatusRequest(), cancellationToken: run.Cancel);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
        {
            status = new GetStatusResponse { Counts = await CountAsync(run) };
        }

        if (run.IsJson)
        {
            Json.Write(run.Terminal, status);
            return;
        }

        Show(run, status);
    }

    private static void Show(CommandRun run, GetStatusResponse status)
    {
        var facts = new Facts(run.Terminal)
        {
            { "Server", run.Server.Address },
            { "State", State(status, run.Time) },
            { "Version", status.Version },
            { "Store", status.Store },
            { "Started", status.Started > 0 ? Units.Time(status.Started / 1000, run.Time) : "" },
        };
        if (status.Counts is { } counts)
        {
            facts.Add("Hosts", $"{counts.HostsUp} of {counts.Hosts} up, {counts.HostsLocked} locked");
            facts.Add("Cores", $"{Units.Cores(counts.CoresIdle)} of {Units.Cores(counts.Cores)} idle");
            var listed = counts.Jobs > 0 ? $", {counts.Jobs} listed" : "";
            facts.Add("Jobs", $"{counts.JobsPending} pending in {Units.Count(counts.Shows, "show")}{listed}");
            facts.Add(
                "Frames",
                $"{counts.FramesRunning} running, {counts.FramesWaiting} waiting, {counts.FramesDepend} depend, {counts.FramesDead} dead");
            facts.Add("Unknown runs", counts.RunsUnknown > 0 ? new Cell($"{counts.RunsUnknown}; see cue farm unknown", Ink.Bad) : "");
            facts.Add("Operations", counts.Operations > 0 ? $"{counts.Operations} being done" : "");
        }

        if (status.StrayRuns is { KillsHeld: true } strays)
        {
            facts.Add(
                "Kills",
                new Cell(
                    $"held back: {strays.Unknown} of {strays.Reported} runs that hosts reported are not in this store. "
                    + "Is it the right one? Then say cue farm allow-kills",
                    Ink.Bad));
        }

        foreach (var alarm in status.Alarms)
        {
            facts.Add("Alarm", new Cell($"{Units.Time(alarm.Time / 1000, run.Time)} {alarm.Text}", Ink.Bad));
        }

        facts.Write();
    }

    private static Cell State(GetStatusResponse status, TimeProvider time)
    {
        var since = status.Since > 0 ? $", since {Units.Time(status.Since / 1000, time)}" : "";
        var reason = status.Reason.Length > 0 ? $": {status.Reason}" : "";
        return status.State switch
        {
            ServerState.Unspecified => "",
            ServerState.Serving => new Cell("serving" + reason + since, Ink.Good),
            ServerState.Loading => new Cell("loading the farm" + reason + since, Ink.Busy),
            ServerState.StoreAway => new Cell("its store does not answer" + reason + since, Ink.Bad),
            ServerState.Standby => new Cell("standing by" + reason + since, Ink.Busy),
            ServerState.Stopping => new Cell("stopping" + reason + since, Ink.Busy),
            ServerState.Faulted => new Cell("faulted" + reason + since, Ink.Bad),
            _ => status.State.ToString(),
        };
    }

    private static async Task<FarmCounts> CountAsync(CommandRun run)
    {
        var request = new Wire.HostGetHostsRequest { R = new Wire.HostSearchCriteria() };
        var hosts = (await run.Server.Hosts.GetHostsAsync(request, cancellationToken: run.Cancel)).Hosts.Hosts;
        var shows = (await run.Server.Shows.GetShowsAsync(new Wire.ShowGetShowsRequest(), cancellationToken: run.Cancel)).Shows.Shows;
        var search = new Wire.JobGetJobsRequest { R = new Wire.JobSearchCriteria() };
        var jobs = (await run.Server.Jobs.GetJobsAsync(search, cancellationToken: run.Cancel)).Jobs.Jobs;
        var up = hosts.Where(host => host.State == Wire.HardwareState.Up).ToList();
        return new FarmCounts
        {
            Shows = shows.Count,
            Hosts = hosts.Count,
            HostsUp = up.Count,
            HostsLocked = hosts.Count(host => host.LockState != Wire.LockState.Open),
            Cores = up.Sum(host => host.Cores),
            CoresIdle = up.Sum(host => host.IdleCores),
            JobsPending = jobs.Count,
            FramesRunning = jobs.Sum(job => job.JobStats.RunningFrames),
            FramesWaiting = jobs.Sum(job => job.JobStats.WaitingFrames),
            FramesDepend = jobs.Sum(job => job.JobStats.DependFrames),
            FramesDead = jobs.Sum(job => job.JobStats.DeadFrames),
        };
    }
}
