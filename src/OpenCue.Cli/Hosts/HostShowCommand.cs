using System.CommandLine;
using System.Globalization;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Hosts;

/// <summary><c>cue host show</c>.</summary>
internal static class HostShowCommand
{
    private static readonly Argument<string> Name = new("HOST") { Description = "The host by name or id." };

    public static Command Make() => new CueCommand("show", "Show a host and what runs on it.")
    {
        Examples = ["cue host show rnd01", "cue host show rnd01 --json"],
        Arguments = { Name },
    }.Do(RunAsync);

    private static async Task RunAsync(CommandRun run)
    {
        var host = await HostCommands.FindAsync(run, run.Get(Name)!);
        var request = new Wire.HostGetProcsRequest { Host = host };
        var procs = (await run.Server.Hosts.GetProcsAsync(request, cancellationToken: run.Cancel)).Procs.Procs;
        var cap = run.IsJson ? null : await HostCapCommand.FindAsync(run, host.Id.Length > 0 ? host.Id : host.Name);
        if (run.IsJson)
        {
            Json.Write(run.Terminal, host, ("procs", procs));
            return;
        }

        var facts = new Facts(run.Terminal)
        {
            { "Host", host.Name },
            { "Id", host.Id },
            { "State", HostTexts.State(host) },
            { "Lock", HostTexts.Lock(host) },
            { "Allocation", host.AllocName },
            { "Operating system", host.Os },
            { "Tags", string.Join(", ", host.Tags) },
            { "Cores", $"{Units.Cores(host.IdleCores)} of {Units.Cores(host.Cores)} idle" },
            { "Memory", $"{Units.Memory(host.IdleMemory)} of {Units.Memory(host.Memory)} idle" },
            { "Machine's memory", $"{Units.Memory(host.FreeMemory)} of {Units.Memory(host.TotalMemory)} free" },
            { "Swap", $"{Units.Memory(host.FreeSwap)} of {Units.Memory(host.TotalSwap)} free" },
            { "Scratch disk", $"{Units.Memory(host.FreeMcp)} of {Units.Memory(host.TotalMcp)} free" },
            { "GPUs", host.Gpus > 0 ? $"{Units.Count((long)host.IdleGpus)} of {Units.Count((long)host.Gpus)} idle" : "" },
            { "GPU memory", host.Gpus > 0 ? $"{Units.Memory(host.IdleGpuMemory)} of {Units.Memory(host.GpuMemory)} idle" : "" },
            { "Most frames", cap is { MaxProcs: > 0 } ? $"{Units.Count(cap.Procs)} of {Units.Count(cap.MaxProcs)} run" : "" },
            { "Load", (host.Load / 100.0).ToString("0.00", CultureInfo.InvariantCulture) },
            { "Booted", Units.Time(host.BootTime, run.Time) },
            { "Last report", Units.Ago(host.PingTime, run.Time) },
        };
        facts.Write();
        run.Terminal.Line();
        if (procs.Count == 0)
        {
            run.Terminal.Line("Nothing runs here.");
            return;
        }

        var table = new Table(
            new Column("JOB") { Least = 16 },
            new Column("FRAME") { Least = 12 },
            new Column("CORES") { Right = true },
            new Column("MEMORY") { Right = true },
            new Column("RESERVED") { Right = true, Spare = 2 },
            new Column("TIME") { Right = true },
            new Column("SHOW") { Least = 8, Spare = 1 });
        foreach (var proc in procs)
        {
            table.Add(
                proc.JobName,
                proc.FrameName,
                Units.Cores(proc.ReservedCores),
                Units.Memory(proc.UsedMemory),
                Units.Memory(proc.ReservedMemory),
                proc.DispatchTime > 0 ? Units.Duration(run.Time.GetUtcNow().ToUnixTimeSeconds() - proc.DispatchTime) : Units.None,
                proc.ShowName);
        }

        table.Write(run.Terminal);
    }
}
