using OpenCue.Engine.Storing;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Loading;
using OpenCue.Farm.Runs;
using OpenCue.Simulator.Faults.Plans;
using OpenCue.Simulator.Faults.Servers;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Variants;

/// <content>Those that decide wrongly what becomes of frames, and of runs about which nothing is known.</content>
internal static partial class BrokenServers
{
    /// <summary>A frame is done that never ran.</summary>
    public static FaultVariant DoneByItself { get; } = new OnTurn("frame done that never ran", (_, _, edit) =>
    {
        if (edit.Farm.Layers.Values.FirstOrDefault(l => l.Waiting.Count > 1 && l.Counts[FrameState.Succeeded] > 0) is { } layer)
        {
            var ordinal = Enumerable.Range(0, layer.FrameCount).First(i => layer.Frames[i].State == FrameState.Waiting);
            FrameRules.Move(edit, layer, ordinal, layer.Frames[ordinal] with { State = FrameState.Succeeded });
        }
    });

    /// <summary>A job ends with frames left.</summary>
    public static FaultVariant EndedEarly { get; } = new OnTurn("job ended with frames left", (_, _, edit) =>
    {
        if (edit.Farm.Jobs.All.FirstOrDefault(j => j.Row.State == JobState.Pending && j.OpenRuns == 0 && j.Frames[FrameState.Waiting] is > 0 and < 4) is { } job)
        {
            edit.Set(job, job.Row with { State = JobState.Finished, HoldsName = false, StoppedAtMs = edit.Now.WallMs });
        }
    });

    /// <summary>What a person ordered killed lives on.</summary>
    public static FaultVariant OrderForgotten { get; } = new OnTurn("kill order forgotten", (_, _, edit) =>
    {
        foreach (var run in edit.Farm.Runs.Values.Where(r => r is { Row.Kill: not null, Contact.KillOpen: false }).ToArray())
        {
            edit.Set(run, run.Row with { Kill = null });
        }
    });

    /// <summary>Time decides about runs of which the layer says that a person does.</summary>
    public static FaultVariant AssumedAgainstTheRule { get; } = new OnTurn("assumed ended against the layer's rule", (_, _, edit) =>
        EndAll(edit, run => IsLost(edit, run) && run.Layer.Row.OnHostLost != OnHostLost.Retry, RunEnd.AssumedLost))
    {
        Scenario = Scenarios.Find("unreachable-host")!,
    };

    /// <summary>Time decides, and forgets that it did.</summary>
    public static FaultVariant AssumedUntold { get; } = new OnTurn("assumed ended and forgotten", (_, _, edit) =>
    {
        foreach (var run in edit.Farm.Runs.Values.Where(run => IsLost(edit, run)).ToArray())
        {
            ProcRules.Release(edit, FrameCompletion.Apply(edit, run, new RunOutcome { End = RunEnd.AssumedLost }).Proc);
        }
    })
    {
        Scenario = Scenarios.Find("unreachable-host")!,
    };

    /// <summary>A server that starts does not know which runs may live on.</summary>
    public static FaultVariant OldRunsForgotten { get; } = new ForgetsOldRuns();

    /// <summary>An agent that can't be asked is asked by a kill as soon as reports lack a run.</summary>
    public static FaultVariant AsksByKilling { get; } = new OnTurn("asks by killing", (_, _, edit) =>
    {
        foreach (var run in edit.Farm.Runs.Values.Where(r => r is { Contact: { AbsentReports: > 0, KillIsQuestion: false }, Host.Row.Agent: AgentKind.OpenCue }).ToArray())
        {
            RunCalls.Note(edit, run, run.Contact with { KillIsQuestion = true, IsDoubted = true, NextAskEngineMs = edit.Now.EngineMs });
        }
    })
    {
        Scenario = Scenarios.Find("stale-completion")!,
    };

    /// <summary>A frame is booked where a kill of it may still arrive.</summary>
    public static FaultVariant LateKillsIgnored { get; } = new OnTurn("late kills ignored", (_, _, edit) =>
        edit.Farm.OpenCalls.ReleaseLate(edit.Farm, long.MaxValue))
    {
        Scenario = Scenarios.Find("late-kill")!,
    };

    /// <summary>A host counts as down after a minute.</summary>
    public static FaultVariant DownTooSoon { get; } = new OnTurn("host down too soon", (_, _, edit) =>
    {
        foreach (var host in edit.Farm.Hosts.All.Where(h => h.Row.State == HardwareState.Up && SilentMs(edit, h) > 60_000))
        {
            HostRules.SetState(edit, host, HardwareState.Down);
        }
    });

    private static bool IsLost(FarmEdit edit, Run run) => !run.Contact.LaunchOpen && SilentMs(edit, run.Host) > edit.Farm.Settings.HostLostWaitMs;

    private static long SilentMs(FarmEdit edit, Host host) =>
        edit.Now.EngineMs - Math.Max(host.LastReportEngineMs ?? long.MinValue, edit.Farm.HearingSinceEngineMs);

    private sealed class ForgetsOldRuns : FaultVariant
    {
        public ForgetsOldRuns()
            : base("runs that may live on forgotten at the start") =>
            Scenario = new Scenario("unreachable-host and crashes", "A host can't be reached for long, and the server dies.", seed =>
            {
                var plan = Scenarios.Find("unreachable-host")!.Plan(seed);
                var crashes = Enumerable.Range(0, 12).Select(i => new FaultAction((24 + i) * 60_000, FaultKind.ServerDies, 0, 1000));
                return plan with { Actions = [.. plan.Actions.Concat(crashes).OrderBy(a => a.AtMs)] };
            });

        public override IFarmStore Store(SimWorld world, SimServer server, IFarmStore store) => new Forgetful(store);

        private sealed class Forgetful(IFarmStore store) : OtherStore(store)
        {
            public override async Task<FarmRows> TakeOverAsync(string owner, CancellationToken cancel)
            {
                var rows = await base.TakeOverAsync(owner, cancel);
                rows.OldRuns.Clear();
                return rows;
            }
        }
    }
}
