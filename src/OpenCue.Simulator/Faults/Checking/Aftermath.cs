using OpenCue.Engine;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Scheduling;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Simulator.Faults.Servers;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Checking;

/// <summary>What must hold once nothing goes wrong any more: work goes on soon, all of it ends, and nothing is left over.</summary>
internal sealed class Aftermath(SimWorld world)
{
    /// <summary>Two report intervals of the slowest agents, and five seconds.</summary>
    private const long SoonMs = (2 * 30_000) + 5000;

    /// <summary>How long it may take until it is known of each run whether it lives: agents without a journal need several reports for that.</summary>
    private const long SettledMs = 300_000;

    private const long LongestMs = 4 * 3_600_000;

    private string _left = "a farm that nobody looked at";
    private long _lookAgainMs;

    /// <summary>Checks it all.</summary>
    public void Check()
    {
        var healedMs = world.NowMs;
        world.RunUntil(healedMs + SoonMs);
        if (world.Broken is not null)
        {
            return;
        }

        var server = Serving();
        if (server is not null)
        {
            CheckWorkGoesOn(server);
            CheckRunsLive(server, SoonMs, RunDoubts.IsJournalTrusted);
        }

        world.RunUntil(healedMs + SettledMs);
        if (server is not null)
        {
            CheckRunsLive(server, SettledMs, _ => true);
        }

        CheckAllEnds(healedMs);
    }

    private SimServer? Serving()
    {
        if (world.Broken is not null)
        {
            return null;
        }

        if (world.Server is { IsServing: true } server)
        {
            return server;
        }

        world.Break("P9", $"no server serves {SoonMs / 1000} s after all was healed");
        return null;
    }

    /// <summary>
    /// A pass over the whole farm, by a scheduler that knows nothing, must find nothing that could run, but for what has become possible a moment ago.
    /// </summary>
    private void CheckWorkGoesOn(SimServer server)
    {
        var found = Startable(server);
        if (found.Count > 0)
        {
            world.RunUntil(world.NowMs + 2000);
            var again = Startable(server);
            var stuck = found.Keys.Where(again.ContainsKey).Select(f => $"{world.Truth.Frame(f)} on {found[f]}").ToArray();
            if (stuck.Length > 0)
            {
                world.Break("P9", $"{stuck.Length} frames could run {SoonMs / 1000} s after all was healed, and nobody starts them: {string.Join(", ", stuck)}");
            }
        }

        world.Tally.Add("checks that work goes on");
    }

    /// <summary>Frames that a pass over the whole farm would start now, and where. Nothing of it stays, and the server's own scheduler does not notice.</summary>
    private Dictionary<EntityId, string> Startable(SimServer server)
    {
        var found = new Dictionary<EntityId, string>();
        if (world.Broken is not null || !server.IsServing)
        {
            return found;
        }

        while (server.Engine.RunBatch())
        {
        }

        var marks = new Action<SchedulingMarks>(_ => { });
        Task<int> Command(Func<FarmEdit, int> what) =>
            server.Engine.ExecuteAsync(CommandClass.Internal, Actor.Maintenance, what, CancellationToken.None, "Probe");
        var probe = Command(edit =>
        {
            marks = Copy(edit.Farm.Marks);
            edit.Farm.Marks.Everything = true;
            var before = edit.Farm.Runs.Keys.ToHashSet();
            new Scheduler(edit.Farm, new SchedulingPolicies()).Pass(edit, () => true);
            var reserved = server.Scheduler.Scheduler.Reservations;
            foreach (var run in edit.Farm.Runs.Values.Where(r => !before.Contains(r.Id) && reserved.On(r.Host) is null))
            {
                found[run.FrameId] = run.Row.HostName;
            }

            throw FarmException.Precondition("it only looked");
        });
        var restored = Command(edit =>
        {
            marks(edit.Farm.Marks);
            return 0;
        });
        while (!restored.IsCompleted && world.Broken is null && world.Events.RunNext())
        {
        }

        _ = probe.Exception;
        return found;
    }

    /// <summary>Puts marks back as they are now.</summary>
    private static Action<SchedulingMarks> Copy(SchedulingMarks marks)
    {
        var (everything, hosts, layers, jobs) = (marks.Everything, marks.Hosts.ToArray(), marks.Layers.ToArray(), marks.Jobs.ToArray());
        var (limits, groups, subscriptions) = (marks.Limits.ToArray(), marks.Groups.ToArray(), marks.Subscriptions.ToArray());
        return to =>
        {
            to.Clear();
            to.Everything = everything;
            to.Hosts.UnionWith(hosts);
            to.Layers.UnionWith(layers);
            to.Jobs.UnionWith(jobs);
            to.Limits.UnionWith(limits);
            to.Groups.UnionWith(groups);
            to.Subscriptions.UnionWith(subscriptions);
        };
    }

    /// <summary>Of each run it is known whether it lives. Where a journal says it, that takes no longer than work may stand still.</summary>
    private void CheckRunsLive(SimServer server, long withinMs, Func<Run, bool> which)
    {
        if (world.Broken is not null)
        {
            return;
        }

        server.Engine.ExecuteAsync(
            CommandClass.Internal,
            Actor.Maintenance,
            edit =>
            {
                edit.Farm.Marks.Everything = true;
                foreach (var run in edit.Farm.Runs.Values.Where(r => edit.Now.EngineMs - r.Row.BookedEngineMs > withinMs && which(r)))
                {
                    if (!world.Truth.RendersOf(run.Id).Any(r => r.IsAlive))
                    {
                        world.Break(
                            "P9",
                            $"{world.Truth.Name(run.Id)} on {run.Row.HostName} is held as {run.Row.Phase} {withinMs / 1000} s after all was healed, and it does not run");
                    }
                }

                return 0;
            },
            CancellationToken.None,
            "Look").Forget();
        world.RunUntil(world.NowMs + 2000);
    }

    private void CheckAllEnds(long healedMs)
    {
        if (world.Broken is not null)
        {
            return;
        }

        var left = "";
        var isOver = world.RunUntil(healedMs + LongestMs, () => world.Server is { IsServing: true } server && (left = Left(server)).Length == 0);
        if (world.Broken is null && !isOver)
        {
            world.Break("P9", $"{LongestMs / 3_600_000} h after all was healed there is still {left}");
        }

        world.RunUntil(world.NowMs + 5000);
        if (world.Broken is null)
        {
            world.Acknowledge.Check();
            CheckStore();
        }
    }

    /// <summary>What is not done or left over; empty if nothing is.</summary>
    private string Left(SimServer server)
    {
        if (world.NowMs < _lookAgainMs)
        {
            return _left;
        }

        _lookAgainMs = world.NowMs + 200;
        var left = "";
        var look = server.Engine.PeekAsync(farm => left = Left(farm), CancellationToken.None, "Look");
        return _left = look.IsCompleted ? left + LeftOnHosts() : "a server that does not answer";
    }

    private static string Left(FarmModel farm)
    {
        if (farm.Runs.Count + farm.Procs.Count > 0)
        {
            return $"{farm.Runs.Count} runs and {farm.Procs.Count} procs";
        }

        foreach (var layer in farm.Layers.Values)
        {
            if (layer.Job.Row.State == JobState.Pending && layer.Counts[FrameState.Waiting] > 0)
            {
                return $"{layer.Counts[FrameState.Waiting]} frames waiting in {layer.Row.Name} of {layer.Job.Row.Name}";
            }
        }

        return farm switch
        {
            { Operations.Count: > 0 } => "a bulk operation",
            { Unsettled.Count: > 0 } => "an unsettled run",
            { OpenCalls.Count: > 0 } => "an open call",
            { OldRuns.Count: > 0 } => "an old run that may live",
            _ when farm.Hosts.All.Any(h => h.Strays.Count > 0) => "a stray run",
            _ => "",
        };
    }

    private string LeftOnHosts() =>
        world.Truth.Alive.Any() ? "a render"
        : world.Hosts.FirstOrDefault(h => !h.Agent.HasTold) is { } host ? $"a completion that {host.Name} has not told"
        : "";

    /// <summary>The farm that a start would load is the farm that the server has.</summary>
    private void CheckStore()
    {
        var loaded = FarmLoader.Build(world.Database.Read(), world.Settings);
        var findings = FarmInvariants.Check(loaded);
        if (findings.Count > 0)
        {
            world.Break("P8", $"in the farm that a start would load: {findings[0]}");
        }

        var differs = "";
        world.Server?.Engine.PeekAsync(farm => differs = Difference(farm, loaded), CancellationToken.None, "Compare").Forget();
        if (differs.Length > 0)
        {
            world.Break("P1", $"the farm in memory is not the one in the store: {differs}");
        }
    }

    private static string Difference(FarmModel farm, FarmModel loaded)
    {
        foreach (var layer in farm.Layers.Values)
        {
            if (!loaded.Layers.TryGetValue(layer.Id, out var stored))
            {
                return $"layer {layer.Row.Name} of {layer.Job.Row.Name} is not stored";
            }

            if (stored.Job.Row.State != layer.Job.Row.State)
            {
                return $"job {layer.Job.Row.Name} is {layer.Job.Row.State}, stored as {stored.Job.Row.State}";
            }

            for (var i = 0; layer.HasFrames && stored.HasFrames && i < layer.FrameCount; i++)
            {
                var (live, kept) = (layer.Frames[i], stored.Frames[i]);
                if (live.State != kept.State || live.ExitStatus != kept.ExitStatus || live.Retries != kept.Retries)
                {
                    return $"frame {layer.FrameName(i)} of {layer.Job.Row.Name} is {live.State} {live.ExitStatus} {live.Retries}, stored as "
                        + $"{kept.State} {kept.ExitStatus} {kept.Retries}";
                }
            }
        }

        return farm.Layers.Count == loaded.Layers.Count ? "" : $"{farm.Layers.Count} layers are live, {loaded.Layers.Count} stored";
    }
}
