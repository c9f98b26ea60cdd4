using Grpc.Core;
using OpenCue.Engine;
using OpenCue.Engine.Sinks;
using OpenCue.Engine.Storing;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;
using OpenCue.Protocol;
using OpenCue.Protocol.Reports;
using OpenCue.Simulator.Faults.Plans;
using OpenCue.Simulator.Faults.Servers;
using OpenCue.Simulator.Faults.World;
using HardwareState = OpenCue.Farm.Hosts.HardwareState;
using Proc = OpenCue.Farm.Hosts.Proc;

namespace OpenCue.Simulator.Faults.Variants;

/// <summary>Servers that are broken on purpose, each in one way in which real ones were or could be.</summary>
internal static partial class BrokenServers
{
    /// <summary>A completion ends whatever run its frame has now.</summary>
    public static FaultVariant FenceOff { get; } = new OnReport("fence off", async (world, server, host, request, context) =>
    {
        if (request is RqdReportRunningFrameCompletionRequest { FrameCompleteReport.Frame: { } told })
        {
            var frame = EntityId.Parse(told.FrameId);
            var current = await server.Engine.PeekAsync(
                farm => farm.TryGetFrame(frame, out var layer, out var ordinal) && layer.Runs.TryGetValue(ordinal, out var run) ? run.Id.ToString() : told.ResourceId,
                CancellationToken.None);
            var changed = ((RqdReportRunningFrameCompletionRequest)request).Clone();
            changed.FrameCompleteReport.Frame.ResourceId = current;
            changed.FrameCompleteReport.Host.Name = await server.Engine.PeekAsync(
                farm => farm.Runs.TryGetValue(EntityId.Parse(current), out var run) ? run.Host.Row.Name : host.ReportedName, CancellationToken.None);
            request = changed;
        }

        await server.HandleAsync(request, context);
    });

    /// <summary>A run of which nothing is known is taken for ended.</summary>
    public static FaultVariant ReleasedWithoutProof { get; } = new OnTurn("released before proof", (_, _, edit) =>
        EndAll(edit, run => run is { Row.Phase: RunPhase.Unknown, Contact.LaunchOpen: false }, RunEnd.NotOnHost));

    /// <summary>A retried frame is free before its run has died.</summary>
    public static FaultVariant RetriedBeforeDead { get; } = new OnTurn("retried before the kill landed", (_, _, edit) =>
        EndAll(edit, run => run is { Row.Kill.Outcome: KillOutcome.Retry, Contact.LaunchOpen: false }, RunEnd.NotOnHost));

    /// <summary>Time decides that runs on silent hosts have ended, and nobody is told that it was only time.</summary>
    public static FaultVariant AssumedInSilence { get; } = new OnTurn("assumed end not recorded", (_, _, edit) =>
        EndAll(edit, run => run is { Host.Row.State: HardwareState.Down, Row.Phase: RunPhase.Unknown, Contact.LaunchOpen: false }, RunEnd.HostRebooted));

    /// <summary>Runs on a host that is silent for a minute are given up for lost.</summary>
    public static FaultVariant LostTooSoon { get; } = new OnTurn("lost too soon", (_, _, edit) =>
        EndAll(
            edit,
            run => !run.Contact.LaunchOpen && edit.Now.EngineMs - (run.Host.LastReportEngineMs ?? edit.Farm.LoadedEngineMs) > 60_000,
            RunEnd.AssumedLost));

    /// <summary>What a place took is not given back to its host.</summary>
    public static FaultVariant CounterNotReturned { get; } = new CounterKept();

    /// <summary>A completion that comes again is counted again.</summary>
    public static FaultVariant CountedTwice { get; } = new OnReport("completion applied twice", async (world, server, host, request, context) =>
    {
        await server.HandleAsync(request, context);
        if (request is RqdReportRunningFrameCompletionRequest { FrameCompleteReport.Frame: { } told })
        {
            var frame = EntityId.Parse(told.FrameId);
            await server.Engine.ExecuteAsync(
                CommandClass.Completion,
                Actor.Maintenance,
                edit =>
                {
                    if (world.Truth.CompletionsOf(EntityId.Parse(told.ResourceId)) > 0 && edit.Farm.TryGetFrame(frame, out var layer, out _))
                    {
                        edit.Set(layer.Usage, layer.Usage.Row with { Succeeded = layer.Usage.Row.Succeeded + 1 });
                    }

                    return 0;
                },
                CancellationToken.None);
        }
    });

    /// <summary>A completion is acknowledged before it is durable.</summary>
    public static FaultVariant AcknowledgedTooSoon { get; } = new OnReport("completion acknowledged before durable", (_, server, _, request, context) =>
    {
        server.HandleAsync(request, context).Forget();
        return Task.CompletedTask;
    });

    /// <summary>Every frame is said to have succeeded.</summary>
    public static FaultVariant StatusLost { get; } = new OnReport("exit status lost", (_, server, _, request, context) =>
    {
        if (request is RqdReportRunningFrameCompletionRequest completion)
        {
            var changed = completion.Clone();
            (changed.FrameCompleteReport.ExitStatus, changed.FrameCompleteReport.ExitSignal) = (0, 0);
            request = changed;
        }

        return server.HandleAsync(request, context);
    });

    /// <summary>Kills are sent as soon as they are ordered.</summary>
    public static FaultVariant KillBeforeCommit { get; } = new BeforeCommit("kill before commit", EffectKind.KillRun);

    /// <summary>Launches are sent as soon as they are booked.</summary>
    public static FaultVariant LaunchBeforeCommit { get; } = new BeforeCommit("launch sent before commit", EffectKind.LaunchRun);

    /// <summary>A server whose lease was taken goes on.</summary>
    public static FaultVariant LeaseNotChecked { get; } = new NoLease();

    /// <summary>Whatever a host reports and the farm does not hold is killed.</summary>
    public static FaultVariant StrayKilled { get; } = new OnReport("stray killed without proof", async (world, server, host, request, context) =>
    {
        await server.HandleAsync(request, context);
        if (request is RqdReportStatusRequest { HostReport: { } report })
        {
            var held = await server.Engine.PeekAsync(farm => farm.Runs.Keys.ToHashSet(), CancellationToken.None);
            foreach (var frame in report.Frames.Where(f => !held.Contains(EntityId.Parse(f.ResourceId))))
            {
                var kill = new RqdStaticKillRunningFrameRequest { FrameId = frame.FrameId, Message = "Frame failed to be verified on the database" };
                world.Truth.Sent(server, "KillRunningFrame", kill, frame.ResourceId);
                world.Network.Call(server, host, "KillRunningFrame", kill, frame.ResourceId, 10_000).Forget();
            }
        }
    })
    {
        Scenario = Scenarios.Find("wrong-database")!, // Only there hosts report runs of which the store knows nothing.
    };

    /// <summary>Kills go to another run than the one that was meant.</summary>
    public static FaultVariant WrongRunKilled { get; } = new KillsAnother();

    /// <summary>Some effects never arrive, and nobody looks for them.</summary>
    public static FaultVariant EffectsLost { get; } = new LosesEffects();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FaultVariant> All =>
    [
        FenceOff, ReleasedWithoutProof, RetriedBeforeDead, AssumedInSilence, LostTooSoon, CounterNotReturned, CountedTwice, AcknowledgedTooSoon, StatusLost,
        KillBeforeCommit, LaunchBeforeCommit, LeaseNotChecked, StrayKilled, WrongRunKilled, EffectsLost, DoneByItself, EndedEarly, OrderForgotten,
        AssumedAgainstTheRule, AssumedUntold, OldRunsForgotten, AsksByKilling, LateKillsIgnored, DownTooSoon,
    ];

    private static void EndAll(FarmEdit edit, Func<Run, bool> which, RunEnd end)
    {
        foreach (var run in edit.Farm.Runs.Values.Where(which).ToArray())
        {
            RunEnds.End(edit, run, end, "nobody asked");
        }
    }

    private sealed class OnReport(string name, Func<SimWorld, SimServer, SimHost, object, ServerCallContext, Task> handle) : FaultVariant(name)
    {
        public override Task ReportAsync(SimWorld world, SimServer server, SimHost host, object request, ServerCallContext context) =>
            handle(world, server, host, request, context);
    }

    private sealed class OnTurn(string name, Action<SimWorld, SimServer, FarmEdit> act) : FaultVariant(name)
    {
        public override IEnumerable<IBatchStep> Steps(SimWorld world, SimServer server) => [new Step(edit => act(world, server, edit))];
    }

    private sealed class Step(Action<FarmEdit> act) : IBatchStep
    {
        public string Name => "broken";

        public Actor Actor => Actor.Maintenance;

        public StepResult Run(FarmEdit edit, StepSlice slice)
        {
            act(edit);
            return StepResult.Done;
        }

        public void OnFarmReplaced(FarmModel farm)
        {
        }
    }

    private sealed class CounterKept() : FaultVariant("counter not returned")
    {
        public override IEnumerable<IBatchStep> Steps(SimWorld world, SimServer server)
        {
            var known = new Dictionary<EntityId, Proc>();
            yield return new Step(edit =>
            {
                foreach (var gone in known.Values.Where(p => !p.InFarm && edit.Farm.Hosts.All.Contains(p.Host)).ToArray())
                {
                    known.Remove(gone.Id);
                    gone.Host.Reserved += gone.Row.Reserved;
                }

                foreach (var (id, proc) in edit.Farm.Procs)
                {
                    known.TryAdd(id, proc);
                }
            });
        }
    }

    private sealed class BeforeCommit(string name, EffectKind kind) : FaultVariant(name)
    {
        public override IEnumerable<IBatchStep> Steps(SimWorld world, SimServer server)
        {
            var sent = new HashSet<EntityId>();
            yield return new Step(edit =>
            {
                var fresh = edit.Farm.OpenCalls.All.Where(c => c.Kind == kind && sent.Add(c.Subject)).ToArray();
                if (fresh.Length > 0)
                {
                    server.Threads.Begin(() => server.Launcher.DeliverAsync(new EffectBatch(0, edit.Now, fresh, false), CancellationToken.None).AsTask());
                }
            });
        }
    }

    private sealed class NoLease() : FaultVariant("lease not checked")
    {
        public override IFarmStore Store(SimWorld world, SimServer server, IFarmStore store) => new Forgiving(store);

        private sealed class Forgiving(IFarmStore store) : OtherStore(store)
        {
            public override Task CommitAsync(ChangeSet changes, CancellationToken cancel)
            {
                var commit = base.CommitAsync(changes, cancel);
                return commit.IsFaulted ? Task.CompletedTask : commit;
            }
        }
    }

    private sealed class KillsAnother() : FaultVariant("retry kills the wrong run")
    {
        public override (object Request, string? RunId) Outgoing(SimWorld world, SimServer server, SimHost? host, object request, string? runId)
        {
            if (request is RqdStaticKillRunningFrameRequest kill && host?.Renders.FirstOrDefault(r => r.Order.FrameId != kill.FrameId) is { } other)
            {
                return (new RqdStaticKillRunningFrameRequest { FrameId = other.Order.FrameId, Message = kill.Message }, other.Order.ResourceId);
            }

            return (request, runId);
        }
    }

    private sealed class LosesEffects() : FaultVariant("effects lost after commit")
    {
        public override IEffectSink Effects(SimWorld world, SimServer server, IEffectSink sink) => new Loser(world, sink);

        private sealed class Loser(SimWorld world, IEffectSink sink) : IEffectSink
        {
            private readonly Chance _chance = Chance.Of(world.Plan.Seed, "loser");

            public int Backlog => sink.Backlog;

            public ValueTask DeliverAsync(EffectBatch batch, CancellationToken cancel) =>
                sink.DeliverAsync(batch with { Effects = [.. batch.Effects.Where(_ => !_chance.Permille(100))] }, cancel);
        }
    }
}
