using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Scheduling;

namespace OpenCue.Farm.Tests.Runs;

/// <summary>A farm with three hosts on which everything goes wrong that a list of numbers says. The world's truth is kept beside the model and compared.</summary>
internal sealed class RandomFarm
{
    private const long Deadline = 10_000;

    /// <summary>How long after its deadline a call may still be carried out by an agent that does not look at run ids.</summary>
    private const long Late = 4_000;

    /// <summary>How long such an agent may take from accepting a frame to showing it.</summary>
    private const long Starting = 9_000;

    private readonly FakeKind _kind;
    private readonly RunFarm _farm = new();
    private readonly FakeAgent[] _agents;
    private readonly EntityId _layer;
    private readonly List<Call> _calls = [];
    private readonly List<(HostReport Report, long AtMs)> _reports = [];
    private readonly List<CompletionReport> _completions = [];
    private readonly Dictionary<FakeRender, long> _startedAt = [];
    private readonly HashSet<EntityId> _assumed = [];
    private readonly HashSet<EntityId> _succeeded = [];
    private int _eventsSeen;

    public RandomFarm(FakeKind kind)
    {
        _kind = kind;
        _agents = [new(kind, "host1"), new(kind, "host2"), new(kind, "host3")];
        foreach (var agent in _agents)
        {
            agent.StartsSlowly = kind != FakeKind.Ours;
            _farm.AddHost(agent);
        }

        _layer = _farm.AddJob(frames: 5).Id;
    }

    private Layer Layer => _farm.Farm.Layers[_layer];

    public void Play(int[] steps)
    {
        foreach (var step in steps)
        {
            Step(step % 20, step / 20);
            CheckWorld();
        }

        Heal();
    }

    private void Step(int what, int arg)
    {
        switch (what)
        {
            case 0 or 1:
                Pass(arg % 4000);
                break;
            case 2 or 3:
                Send(arg);
                break;
            case 4 or 5:
                Execute(arg);
                break;
            case 6 or 7:
                Reply(arg);
                break;
            case 8:
                Break(arg);
                break;
            case 9:
                var reporting = _agents[arg % _agents.Length];
                _reports.Add((reporting.Report(), _farm.EngineMs));
                break;
            case 10:
                DeliverReport(arg);
                break;
            case 11:
                Finish(arg);
                break;
            case 12:
                DeliverCompletion(arg);
                break;
            case 13:
                Order(arg);
                break;
            case 14 or 15:
                Book(arg);
                break;
            case 16:
                _farm.Sweep();
                break;
            case 17:
                Crash(arg);
                break;
            case 18:
                Fault(arg);
                break;
            default:
                Quick(arg);
                break;
        }
    }

    private void Pass(long ms)
    {
        _farm.Pass(ms);
        var now = _farm.EngineMs;
        foreach (var call in _calls.Where(c => c.IsOpen && now - c.SentAtMs >= Deadline).ToArray())
        {
            call.IsOpen = false;
            _farm.End(call.Effect, CallAnswer.Unanswered, "deadline exceeded");
        }

        _calls.RemoveAll(c => c is { IsSent: true, IsOpen: false } && (c.IsExecuted || (_kind != FakeKind.Ours && now - c.SentAtMs > Deadline + Late)));
        _reports.RemoveAll(r => now - r.AtMs > 60_000);
        foreach (var (render, since) in _startedAt.ToArray())
        {
            if (now - since > Starting)
            {
                render.IsStarting = false;
                _startedAt.Remove(render);
            }
        }

        TakeEffects();
    }

    private void TakeEffects()
    {
        foreach (var effect in _farm.TakeEffects())
        {
            if (effect.Kind is EffectKind.LaunchRun or EffectKind.KillRun or EffectKind.KillStray or EffectKind.SettleRun)
            {
                _calls.Add(new Call(effect));
            }
        }

        foreach (var assumed in _farm.Events.Skip(_eventsSeen).Where(e => e.Kind == FarmEventKind.RunAssumedEnded))
        {
            _assumed.Add(assumed.Subject);
        }

        _eventsSeen = _farm.Events.Count;
    }

    /// <summary>Sends the next call of a lane: calls about one frame on one host go one after the other.</summary>
    private void Send(int arg)
    {
        TakeEffects();
        var ready = _calls.Where(c => !c.IsSent && !_calls.TakeWhile(o => o != c).Any(o => o.IsSameLane(c) && (!o.IsSent || o.IsOpen))).ToArray();
        if (Pick(ready, arg) is not { } call)
        {
            return;
        }

        call.IsSent = true;
        if (!RunCalls.IsWanted(_farm.Farm, call.Effect))
        {
            _calls.Remove(call);
            _farm.End(call.Effect, CallAnswer.Withdrawn);
            return;
        }

        call.SentAtMs = _farm.EngineMs;
        call.IsOpen = true;
    }

    /// <summary>A call reaches its agent, perhaps after the server has given up on it.</summary>
    private void Execute(int arg)
    {
        if (Pick(_calls.Where(c => c is { IsSent: true, IsExecuted: false }).ToArray(), arg) is not { } call)
        {
            return;
        }

        call.IsExecuted = true;
        var agent = _agents.Single(a => _farm.HostOf(a).Id == call.Effect.Host);
        var isKill = call.Effect.Kind is EffectKind.KillRun or EffectKind.KillStray;
        agent.OnKilled = render => Assert.True(
            render.Run == call.Effect.Subject || !isKill || !_farm.Farm.Runs.ContainsKey(render.Run),
            $"A kill meant for run {call.Effect.Subject} hit run {render.Run}.");
        call.Answer = agent.Answer(call.Effect);
        foreach (var render in agent.Alive.Where(r => r.IsStarting && !_startedAt.ContainsKey(r)))
        {
            _startedAt.Add(render, _farm.EngineMs);
        }
    }

    private void Reply(int arg)
    {
        if (Pick(_calls.Where(c => c is { IsOpen: true, IsExecuted: true }).ToArray(), arg) is { } call)
        {
            _calls.Remove(call);
            _farm.End(call.Effect, call.Answer);
        }
    }

    /// <summary>A connection breaks: nobody knows what became of the call, and it may yet be carried out.</summary>
    private void Break(int arg)
    {
        if (Pick(_calls.Where(c => c.IsOpen).ToArray(), arg) is { } call)
        {
            call.IsOpen = false;
            _farm.End(call.Effect, CallAnswer.Unanswered, "connection reset");
        }
    }

    private void DeliverReport(int arg)
    {
        if (_reports.Count > 0)
        {
            var at = arg % _reports.Count;
            var report = _reports[at].Report;
            if (arg % 5 != 0)
            {
                _reports.RemoveAt(at);
            }

            if (arg % 7 != 0)
            {
                _farm.Report(report);
            }
        }
    }

    private void Finish(int arg)
    {
        var alive = _agents.SelectMany(a => a.Alive.Select(r => (Agent: a, Render: r))).ToArray();
        if (alive.Length > 0)
        {
            var (agent, render) = alive[arg % alive.Length];
            Finish(agent, render, arg % 3 == 0 ? 1 : 0);
        }
    }

    private void Finish(FakeAgent agent, FakeRender render, int status)
    {
        _startedAt.Remove(render);
        var wasKnown = agent.Known.Contains(render);
        var report = agent.Finish(render.Run, render.IsKilled ? 1 : status);
        if (wasKnown && _kind == FakeKind.Python)
        {
            // It is sent once, and forgotten.
            agent.Pending.Remove(report);
            _completions.Add(report);
        }
    }

    private void DeliverCompletion(int arg)
    {
        var all = _completions.Concat(_agents.SelectMany(a => a.Pending)).ToArray();
        if (all.Length == 0)
        {
            return;
        }

        var report = all[arg % all.Length];
        var isLost = arg % 7 == 0;
        var isAcknowledged = arg % 5 != 0;
        if (!isLost)
        {
            Complete(report);
        }

        if (_kind == FakeKind.Python || (!isLost && isAcknowledged))
        {
            _completions.Remove(report);
            foreach (var agent in _agents)
            {
                agent.Pending.Remove(report);
            }
        }
    }

    private void Complete(CompletionReport report)
    {
        var isOrdered = _farm.Farm.Runs.TryGetValue(report.Frame.RunId, out var run) && run.Row.Kill is { Outcome: KillOutcome.Eat or KillOutcome.Retry };
        var verdict = _farm.Complete(report);
        Assert.True(verdict is CompletionVerdict.Applied or CompletionVerdict.NotHeld or CompletionVerdict.AssumedEnded, verdict.ToString());
        if (verdict == CompletionVerdict.Applied && report.ExitStatus == 0 && !isOrdered)
        {
            _succeeded.Add(report.Frame.FrameId);
        }
    }

    private void Order(int arg)
    {
        var runs = _farm.Farm.Runs.Values.ToArray();
        if (Pick(runs, arg) is { } run)
        {
            var outcome = (KillOutcome)(arg % 4);
            _farm.Do(edit => RunKills.Order(edit, run, new KillOrder(outcome, "test", "me", _farm.WallMs)));
        }
    }

    private void Book(int arg)
    {
        var host = _farm.HostOf(_agents[arg % _agents.Length]);
        if (HostGates.Check(host, _farm.Farm.Settings, _farm.EngineMs) == HostGate.Open && Layer.Waiting.First() is >= 0 and var ordinal)
        {
            _farm.Do(edit => Booking.Start(edit, host, Layer, ordinal, new Resources(100, 524288)));
        }
    }

    /// <summary>The server dies. What was ordered and not sent is gone; what was sent may still be carried out, and nobody hears the answer.</summary>
    private void Crash(int arg)
    {
        if (arg % 3 != 0)
        {
            return;
        }

        _calls.RemoveAll(c => !c.IsSent || c.IsExecuted);
        foreach (var call in _calls)
        {
            call.IsOpen = false;
        }

        _farm.Restart();
    }

    private void Fault(int arg)
    {
        var agent = _agents[arg % _agents.Length];
        switch (arg / 3 % 8)
        {
            case 0:
                Forget(agent, agent.Alive);
                agent.Reboot();
                // Connections do not survive a boot.
                _calls.RemoveAll(c => c is { IsSent: true, IsOpen: false } && c.Effect.Host == _farm.HostOf(agent).Id);
                break;
            case 1:
                Forget(agent, _kind == FakeKind.Ours ? [] : agent.Alive);
                agent.Restart(rendersDie: _kind != FakeKind.Ours);
                break;
            case 2:
                // Nobody reports for as long as it takes to be given up.
                for (var i = 0; i < 130; i++)
                {
                    Pass(10_000);
                    _farm.Sweep();
                }

                break;
            case 3:
                _farm.WallMs += (arg % 2 == 0 ? 1 : -1) * 90_000_000L;
                break;
            default:
                break;
        }
    }

    private void Forget(FakeAgent agent, IEnumerable<FakeRender> renders)
    {
        foreach (var render in renders.ToArray())
        {
            _startedAt.Remove(render);
        }

        _completions.RemoveAll(c => c.HostName == agent.Name && _kind == FakeKind.Rust);
    }

    /// <summary>A while in which things work: without it few histories would get anywhere.</summary>
    private void Quick(int arg)
    {
        Book(arg);
        for (var i = 0; i < 4; i++)
        {
            Send(arg + i);
            Execute(arg + i);
            Reply(arg + i);
        }
    }

    /// <summary>All faults are over: agents report and answer. Everything must settle, and every frame must get its run.</summary>
    private void Heal()
    {
        for (var i = 0; i < 300; i++)
        {
            Pass(5000);
            foreach (var agent in _agents)
            {
                foreach (var report in agent.Pending.Concat(_completions.Where(c => c.HostName == agent.Name)).ToArray())
                {
                    Complete(report);
                    agent.Pending.Remove(report);
                    _completions.Remove(report);
                }

                _farm.Report(agent);
                if (_farm.Farm.Strays.AlarmRaised)
                {
                    // On a farm as small as this, one run left over looks like a wrong store. A person looks.
                    _farm.Do(RunRules.AllowStrayKills);
                }

                foreach (var render in agent.Alive.Where(r => r is { IsKilled: true, IsStarting: false }).ToArray())
                {
                    Finish(agent, render, 1);
                }
            }

            _farm.Sweep();
            TakeEffects();
            while (_calls.Any(c => !c.IsSent || c.IsOpen))
            {
                Send(0);
                Execute(0);
                Reply(0);
            }

            TakeEffects();
            CheckWorld();
        }

        Assert.Empty(_farm.Farm.Unsettled);
        Assert.True(
            _farm.Farm.OpenCalls.Count == 0,
            $"Still open: {string.Join("; ", _calls.Select(c => $"{c.Effect.Kind} {c.Effect.Subject} sent {c.IsSent} open {c.IsOpen}"))}, {_farm.Farm.OldRuns.Count} old runs.");
        foreach (var run in _farm.Farm.Runs.Values)
        {
            Assert.Equal(RunPhase.Started, run.Row.Phase);
            Assert.Contains(_agents.Single(a => _farm.HostOf(a) == run.Host).Alive, r => r.Run == run.Id);
        }

        Assert.All(_agents.SelectMany(a => a.Alive), r => Assert.True(r.IsKilled || _farm.Farm.Runs.ContainsKey(r.Run), $"Run {r.Run} is left over."));
    }

    private void CheckWorld()
    {
        Assert.Empty(FarmInvariants.Check(_farm.Farm));
        foreach (var frame in _agents.SelectMany(a => a.Alive).GroupBy(r => r.Frame))
        {
            Assert.True(
                frame.Count() == 1 || frame.Count(r => !_assumed.Contains(r.Run)) <= 1,
                $"Frame {frame.Key} has living runs {string.Join(", ", frame.Select(r => r.Run))}.");
        }

        var layer = Layer;
        for (var i = 0; i < layer.Frames.Length; i++)
        {
            Assert.Equal(layer.Frames[i].State == FrameState.Running, layer.Runs.ContainsKey(i));
            Assert.True(
                !_succeeded.Contains(layer.FrameId(i)) || layer.Frames[i].State == FrameState.Succeeded,
                $"Frame {i} succeeded, and is {layer.Frames[i].State} now.");
        }

        foreach (var agent in _agents)
        {
            var host = _farm.HostOf(agent);
            var sum = host.Procs.Aggregate(default(Resources), (all, p) => all + p.Row.Reserved);
            Assert.Equal(sum, host.Reserved);
            Assert.All(host.Procs, p => Assert.NotNull(p.Run));
        }

        Assert.Equal(_farm.Farm.Procs.Count, _farm.Farm.Runs.Count);
        Assert.Equal(layer.Runs.Count, _farm.Farm.Runs.Count);
    }

    private static T? Pick<T>(T[] from, int arg)
        where T : class => from.Length == 0 ? null : from[arg % from.Length];

    private sealed class Call(Effect effect)
    {
        public Effect Effect { get; } = effect;

        public bool IsSent { get; set; }

        /// <summary>The server waits for the answer.</summary>
        public bool IsOpen { get; set; }

        public bool IsExecuted { get; set; }

        public long SentAtMs { get; set; }

        public CallAnswer Answer { get; set; }

        public bool IsSameLane(Call other) => Effect.Host == other.Effect.Host && Effect.Frame == other.Effect.Frame;
    }
}
