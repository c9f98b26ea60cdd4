using System.CommandLine;
using System.Globalization;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Jobs;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Hosts;

/// <summary><c>cue host list</c>.</summary>
internal static class HostListCommand
{
    private static readonly Argument<string[]> Parts = new("PART")
    {
        Description = "Only hosts whose name holds one of these.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private static readonly Option<string[]> Allocations = new("--alloc", "-a")
    {
        Description = "Only hosts of these allocations.",
        HelpName = "FACILITY.ALLOC",
    };
    private static readonly Option<string[]> States = new("--state")
    {
        Description = "Only hosts in these states: up, down, rebooting, reboot-when-idle, repair.",
        HelpName = "STATE",
    };
    private static readonly Option<string[]> Locks = new("--lock")
    {
        Description = "Only hosts so locked: open, locked, nimby.",
        HelpName = "LOCK",
    };

    public static Command Make() => new CueCommand("list", "List render hosts.")
    {
        Examples = ["cue host list", "cue host list --state down", "cue host list rnd --alloc local.general --json"],
        Arguments = { Parts },
        Options = { Allocations, States, Locks },
    }.Do(RunAsync);

    private static async Task RunAsync(CommandRun run)
    {
        var criteria = new Wire.HostSearchCriteria
        {
            Substr = { run.Get(Parts)!.Select(JobFinder.Escaped) },
            Allocs = { run.Get(Allocations) },
        };
        if (run.Get(States) is { Length: > 0 } states)
        {
            criteria.States = new Wire.HardwareStateSeq
            {
                State = { states.Select(text => Parse<Wire.HardwareState>("--state", text, text)) },
            };
        }

        if (run.Get(Locks) is { Length: > 0 } locks)
        {
            criteria.LockStates = new Wire.LockStateSeq
            {
                State = { locks.Select(text => Parse<Wire.LockState>("--lock", text, text == "nimby" ? "nimby-locked" : text)) },
            };
        }

        var answer = await run.Server.Hosts.GetHostsAsync(new Wire.HostGetHostsRequest { R = criteria }, cancellationToken: run.Cancel);
        var hosts = answer.Hosts.Hosts.OrderBy(host => host.Name, StringComparer.Ordinal).ToList();
        if (run.IsJson)
        {
            Json.Write(run.Terminal, hosts);
            return;
        }

        if (hosts.Count == 0)
        {
            run.Terminal.Note("No such hosts. A host appears when its agent has reported.");
            return;
        }

        var table = new Table(
            new Column("HOST") { Least = 12 },
            new Column("STATE"),
            new Column("LOCK"),
            new Column("IDLE") { Right = true },
            new Column("CORES") { Right = true },
            new Column("IDLE MEM") { Right = true, Spare = 1 },
            new Column("MEMORY") { Right = true },
            new Column("LOAD") { Right = true, Spare = 3 },
            new Column("REPORT") { Right = true },
            new Column("ALLOCATION") { Least = 12, Spare = 2 },
            new Column("OS") { Spare = 4 },
            new Column("TAGS") { Least = 8, Spare = 5 });
        foreach (var host in hosts)
        {
            table.Add(
                host.Name,
                HostTexts.State(host),
                HostTexts.Lock(host),
                Units.Cores(host.IdleCores),
                Units.Cores(host.Cores),
                Units.Memory(host.IdleMemory),
                Units.Memory(host.Memory),
                (host.Load / 100.0).ToString("0.00", CultureInfo.InvariantCulture),
                Units.Ago(host.PingTime, run.Time),
                host.AllocName,
                host.Os,
                string.Join(", ", host.Tags));
        }

        table.Write(run.Terminal);
    }

    private static T Parse<T>(string option, string text, string name)
        where T : struct, Enum =>
        Enum.TryParse<T>(string.Concat(name.Split('-', '_')), ignoreCase: true, out var value)
        && Enum.IsDefined(value) && !char.IsDigit(text[0])
            ? value
            : throw CueException.Usage($"{option} '{text}' is none of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");
}
