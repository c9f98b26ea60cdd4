using System.CommandLine;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Hosts;

/// <summary><c>cue host</c>.</summary>
internal static class HostCommands
{
    public static Command Make() => new CueCommand("host", "List, show, lock, unlock and cap render hosts.")
    {
        HostListCommand.Make(),
        HostShowCommand.Make(),
        Lock(),
        Unlock(),
        HostCapCommand.Make(),
    };

    private static CueCommand Lock()
    {
        var names = Names();
        return new CueCommand("lock", "Start no more frames on hosts; those that run go on.")
        {
            Examples = ["cue host lock rnd01 rnd02"],
            Arguments = { names },
        }.Do(run => ForEachAsync(run, names, "Locked", host =>
            run.Server.Hosts.LockAsync(new Wire.HostLockRequest { Host = host }, cancellationToken: run.Cancel).ResponseAsync));
    }

    private static CueCommand Unlock()
    {
        var names = Names();
        return new CueCommand("unlock", "Let hosts take frames again.")
        {
            Examples = ["cue host unlock rnd01"],
            Arguments = { names },
        }.Do(run => ForEachAsync(run, names, "Unlocked", host =>
            run.Server.Hosts.UnlockAsync(new Wire.HostUnlockRequest { Host = host }, cancellationToken: run.Cancel).ResponseAsync));
    }

    /// <summary>The host of a name or id.</summary>
    public static async Task<Wire.Host> FindAsync(CommandRun run, string name)
    {
        try
        {
            return Guid.TryParse(name, out _)
                ? (await run.Server.Hosts.GetHostAsync(new Wire.HostGetHostRequest { Id = name }, cancellationToken: run.Cancel)).Host
                : (await run.Server.Hosts.FindHostAsync(new Wire.HostFindHostRequest { Name = name }, cancellationToken: run.Cancel)).Host;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            throw CueException.NotFound($"there is no host '{name}'; cue host list shows them all");
        }
    }

    private static Argument<string[]> Names() => new("HOST") { Description = "Hosts by name or id.", Arity = ArgumentArity.OneOrMore };

    private static async Task<ExitCode> ForEachAsync<TResponse>(
        CommandRun run, Argument<string[]> names, string done, Func<Wire.Host, Task<TResponse>> act) =>
        await ManyThings.DoAsync(run, run.Get(names)!.Distinct().ToList(), async name =>
        {
            var host = await FindAsync(run, name);
            await act(host);
            run.Terminal.Line($"{done} {host.Name}");
        });
}
