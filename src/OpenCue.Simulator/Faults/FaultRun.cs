using OpenCue.Farm.Operations;
using OpenCue.Simulator.Faults.Agents;
using OpenCue.Simulator.Faults.Checking;
using OpenCue.Simulator.Faults.Plans;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults;

/// <summary>One simulation: things go wrong as planned, then all is healed, work must go on, and in the end nothing may be left over.</summary>
internal sealed class FaultRun
{
    private readonly SimWorld _world;
    private readonly FaultPlan _plan;

    private FaultRun(FaultPlan plan, int keepLines)
    {
        _plan = plan;
        _world = new SimWorld(plan, keepLines);
    }

    /// <summary>Runs a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="keepLines">How many lines of the trace to keep.</param>
    public static FaultResult Execute(FaultPlan plan, int keepLines = 0)
    {
        var run = new FaultRun(plan, keepLines);
        run.Run();
        return run.Result();
    }

    private void Run()
    {
        Begin();
        _world.RunUntil(_plan.LengthMs);
        Heal();
        new Aftermath(_world).Check();
        foreach (var fault in _plan.MustHappen)
        {
            if (_world.Broken is null && _world.Tally.Of(fault) == 0)
            {
                _world.Break("SCENARIO", $"'{fault}' did not happen, so nothing was tested");
            }
        }

        foreach (var server in _world.Servers)
        {
            server.Die("at the end");
        }
    }

    private void Begin()
    {
        var chance = Chance.Of(_plan.Seed, "begin");
        _world.StartServer();
        foreach (var host in _world.Hosts)
        {
            _world.Events.After(chance.Between(0, 3000), host.Agent.Start);
        }

        _world.Events.After(100, () => _world.Users.Begin(_plan.Jobs > 0 ? _plan.Jobs : 1 + chance.Below(3)));
        foreach (var action in _plan.Actions)
        {
            _world.Events.At(action.AtMs, () => Do(action));
        }
    }

    private void Heal()
    {
        if (_world.Broken is not null)
        {
            return;
        }

        _world.Acknowledge.Check();
        _world.Trace.Add("all is healed");
        _world.IsHealed = true;
        _world.Disk.Heal();
        if (_world.Server is null)
        {
            _world.StartServer();
        }

        foreach (var host in _world.Hosts)
        {
            (host.DeafUntilMs, host.MuteUntilMs, host.HungUntilMs) = (0, 0, 0);
            host.ReportedName = host.Name;
            host.PowerOn();
            host.Agent.Start();
            foreach (var render in host.Renders.Where(r => r.State == RenderState.Running).ToArray())
            {
                host.PlanEnd(render, 1000 + (render.EndPlan * 997 % 30_000), render.IsKilled ? 1 : 0, render.IsKilled ? 9 : 0);
            }
        }

        _world.Server?.LiveOn();
        _world.Users.OpenEverything();
    }

    private void Do(FaultAction action)
    {
        _world.Trace.Add($"-- {action.Kind} {action.Target % 100} {action.Amount}");
        _world.Tally.Add($"planned: {action.Kind}");
        var host = _world.Hosts[action.Target % _world.Hosts.Count];
        switch (action.Kind)
        {
            case FaultKind.ServerDies:
                _world.Server?.Die("by kill -9");
                StartServerLater(action.Amount);
                break;
            case FaultKind.ServerDiesAtStep:
                _world.Server?.DieAfter(1 + (action.Target % 400));
                StartServerLater(action.Amount);
                break;
            case FaultKind.ServerDiesAfterCommit:
                _world.Server?.DieAfterCommit();
                StartServerLater(action.Amount);
                break;
            case FaultKind.StoreRestored:
                _world.Server?.Die("as its database is replaced");
                _world.Restore(action.Amount);
                StartServerLater(5000);
                break;
            case FaultKind.SecondServer:
                _world.Tally.Add("second servers");
                _world.StartServer();
                break;
            case FaultKind.EffectsDropped:
                _world.Server?.DropEffects((int)action.Amount);
                break;
            case FaultKind.ServerClockJumps:
                _world.Tally.Add("jumps of a server's clock");
                _world.ShiftServerClock(TimeSpan.FromMilliseconds(action.Amount));
                break;
            case FaultKind.StoreStalls:
                _world.Disk.StallsUntilMs = _world.NowMs + action.Amount;
                break;
            case FaultKind.StoreFails:
                _world.Disk.Refuse((int)action.Amount);
                break;
            case FaultKind.StoreKeepsSilent:
                _world.Disk.KeepSilent((int)action.Amount);
                break;
            default:
                if (action.Kind >= FaultKind.UserSubmits)
                {
                    DoAsUser(action);
                }
                else
                {
                    DoToHost(action, host);
                }

                break;
        }
    }

    private void DoToHost(FaultAction action, SimHost host)
    {
        switch (action.Kind)
        {
            case FaultKind.AgentRestarts or FaultKind.AgentRestartsWithRenders when host.Agent.IsUp:
                _world.Tally.Add(host.Renders.Count > 0 ? "agents that restarted with renders" : "agents that restarted");
                host.Agent.Die();
                if (action.Kind == FaultKind.AgentRestartsWithRenders && host.Kind != SimAgentKind.Ours)
                {
                    foreach (var render in host.Renders.ToArray())
                    {
                        host.End(render, 0, 0, wasSeen: false);
                    }
                }

                _world.Events.After(action.Amount, host.Agent.Start);
                break;
            case FaultKind.ContainerRestarts when host.Agent.IsUp:
                _world.Tally.Add(host.Renders.Count > 0 ? "containers that restarted with renders" : "containers that restarted");
                host.Agent.Die();
                host.PretendBoot();
                _world.Events.After(action.Amount, host.Agent.Start);
                break;
            case FaultKind.HostReboots:
                _world.Tally.Add(host.Renders.Count > 0 ? "hosts that booted with renders" : "hosts that booted");
                host.PowerOff();
                _world.Events.After(action.Amount, host.PowerOn);
                break;
            case FaultKind.HostDies:
                _world.Tally.Add(host.Renders.Count > 0 ? "hosts that died with renders" : "hosts that died");
                host.PowerOff();
                break;
            case FaultKind.HostHangs:
                _world.Tally.Add("hosts that hung");
                host.HungUntilMs = _world.NowMs + action.Amount;
                break;
            case FaultKind.HostClockJumps:
                _world.Tally.Add("jumps of a host's clock");
                host.Clock.WallShift += TimeSpan.FromMilliseconds(action.Amount);
                break;
            case FaultKind.JournalLost when host is { Kind: SimAgentKind.Ours, Agent: OurAgent agent }:
                _world.Tally.Add("journals lost");
                agent.Die();
                agent.LoseJournal();
                _world.Events.After(action.Amount, agent.Start);
                break;
            case FaultKind.HostRenamed:
                _world.Tally.Add("hosts renamed");
                host.ReportedName = string.Create(CultureInfo.InvariantCulture, $"{host.Name}.domain{action.Amount}");
                break;
            case FaultKind.CutOff:
                (host.DeafUntilMs, host.MuteUntilMs) = (_world.NowMs + action.Amount, _world.NowMs + action.Amount);
                break;
            case FaultKind.Deaf:
                host.DeafUntilMs = _world.NowMs + action.Amount;
                break;
            case FaultKind.Mute:
                host.MuteUntilMs = _world.NowMs + action.Amount;
                break;
            default:
                break;
        }
    }

    private void DoAsUser(FaultAction action)
    {
        var (users, target, amount) = (_world.Users, action.Target, (int)action.Amount);
        switch (action.Kind)
        {
            case FaultKind.UserSubmits:
                users.Submit();
                break;
            case FaultKind.UserPauses:
                users.Pause(target);
                break;
            case FaultKind.UserKillsFrame:
                users.OnFrame(BulkKind.Kill, target);
                break;
            case FaultKind.UserRetriesFrame:
                users.OnFrame(BulkKind.Retry, target);
                break;
            case FaultKind.UserEatsFrame:
                users.OnFrame(BulkKind.Eat, target);
                break;
            case FaultKind.UserKillsJob:
                users.KillJob(target);
                break;
            case FaultKind.UserRetriesJob:
                users.RetryJob(target);
                break;
            case FaultKind.UserUnbooks:
                users.Unbook(target, amount % 2 == 0);
                break;
            case FaultKind.UserSetsBurst:
                users.SetBurst(amount);
                break;
            case FaultKind.UserSetsMaxCores:
                users.SetMaxCores(target, amount);
                break;
            case FaultKind.UserSetsLimit:
                users.SetLimit(target, amount);
                break;
            case FaultKind.UserSetsPriority:
                users.SetPriority(target, amount);
                break;
            case FaultKind.UserLocksHost:
                users.Lock(target);
                break;
            case FaultKind.UserCapsHost:
                users.CapHost(target, amount);
                break;
            case FaultKind.UserAcceptsEnd:
                users.AcceptEnd(target);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(action), action.Kind, "Nothing that a user does.");
        }
    }

    /// <summary>A server that died is started again, unless another one runs by then.</summary>
    private void StartServerLater(long afterMs) => _world.Events.After(afterMs, () =>
    {
        if (_world.Server is null)
        {
            _world.StartServer();
        }
        else
        {
            // It has not come to its step yet.
            _world.Events.After(5000, () => StartServerLater(0));
        }
    });

    private FaultResult Result() => new()
    {
        Plan = _plan,
        Broken = _world.Broken?.Message,
        Promise = _world.Broken?.Promise,
        EndedMs = _world.NowMs,
        Steps = _world.Steps,
        Fingerprint = _world.Trace.Fingerprint,
        Lines = [.. _world.Trace.Lines],
        Counts = _world.Tally.Counts,
    };
}
