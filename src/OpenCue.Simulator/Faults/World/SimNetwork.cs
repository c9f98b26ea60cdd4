using Grpc.Core;
using OpenCue.Protocol;
using OpenCue.Rpc.Client;
using OpenCue.Simulator.Faults.Agents;
using OpenCue.Simulator.Faults.Servers;

namespace OpenCue.Simulator.Faults.World;

/// <summary>How the sending of a report ended, as its agent sees it.</summary>
internal enum ReportEnd
{
    /// <summary>It was answered OK.</summary>
    Taken,

    /// <summary>No connection, a broken one, or no answer in time.</summary>
    Cut,

    /// <summary>It was answered with an error of gRPC.</summary>
    Refused,
}

/// <summary>
/// The network between servers and agents. A message may be lost, late, doubled or overtaken by another; so may its answer. What a caller has given up may
/// still be carried out, for a while.
/// </summary>
internal sealed class SimNetwork(SimWorld world)
{
    private const long ConnectTimeoutMs = 4000;

    /// <summary>How long after the caller gave up a call may still reach an agent that does not look at run ids.</summary>
    private const long LateMs = 4000;

    /// <summary>The same for our agent, whose journal refuses what comes too late.</summary>
    private const long VeryLateMs = 120_000;

    private readonly Chance _chance = Chance.Of(world.Plan.Seed, "network");
    private readonly Dictionary<(SimHost Host, string Frame), long> _killsArriveMs = [];

    private Weather Weather => world.IsHealed ? Weather.Fine : world.Plan.Weather;

    /// <summary>A server calls a host's agent.</summary>
    /// <param name="server">The server.</param>
    /// <param name="host">The host that it calls; null if no host has the name.</param>
    /// <param name="method">The method's name.</param>
    /// <param name="request">The request.</param>
    /// <param name="runId">The run that the metadata name.</param>
    /// <param name="deadlineMs">How long the server waits.</param>
    public Task<object> Call(SimServer server, SimHost? host, string method, object request, string? runId, long deadlineMs)
    {
        var answer = new TaskCompletionSource<object>();
        var call = new Calling(this, server, request, answer);
        if (host is null || !host.IsOn || (host.IsDeaf && _chance.Permille(500)))
        {
            // Nobody answers the attempt to connect.
            world.Tally.Add("calls that found no connection");
            world.Events.After(Math.Min(ConnectTimeoutMs, deadlineMs), () => call.Fail(StatusCode.Unavailable, isSent: false, "no connection"));
            return answer.Task;
        }

        if (!host.Agent.IsUp && !host.IsDeaf)
        {
            world.Tally.Add("calls that found no agent");
            world.Events.After(2, () => call.Fail(StatusCode.Unavailable, isSent: false, "connection refused"));
            return answer.Task;
        }

        world.Events.After(deadlineMs, () => call.Fail(StatusCode.DeadlineExceeded, isSent: true, "deadline exceeded"));
        call.GivenUpMs = world.NowMs + deadlineMs;
        call.AgentLife = host.Agent.Life;
        if (_chance.Permille(Weather.Lost))
        {
            world.Tally.Add("calls lost");
            return answer.Task;
        }

        var delay = Delay("calls late", host.Kind == SimAgentKind.Ours ? VeryLateMs : deadlineMs + LateMs);
        if (_chance.Permille(Weather.Broken))
        {
            world.Tally.Add("calls cut off");
            world.Events.After(_chance.Between(1, 200), () => call.Fail(StatusCode.Unavailable, isSent: true, "connection reset"));
        }

        CheckLane(host, request, delay);
        world.Events.After(delay, () => Arrive(call, host, method, request, runId));
        if (_chance.Permille(Weather.Doubled))
        {
            var again = delay + (host.Kind == SimAgentKind.Ours ? _chance.Skewed(0, 20_000) : 0);
            world.Events.After(again, () =>
            {
                if (host.Kind == SimAgentKind.Ours || (request is RqdStaticLaunchFrameRequest launch && IsShown(host, launch.RunFrame)))
                {
                    world.Tally.Add("calls doubled");
                    Arrive(call, host, method, request, runId);
                }
            });
        }

        return answer.Task;
    }

    /// <summary>
    /// A kill names only the frame to agents that do not look at run ids: nothing of that frame is launched there as long as one may still arrive, whoever sent it.
    /// </summary>
    private void CheckLane(SimHost host, object request, long delayMs)
    {
        if (host.Kind == SimAgentKind.Ours)
        {
            return;
        }

        switch (request)
        {
            case RqdStaticKillRunningFrameRequest kill:
                _killsArriveMs[(host, kill.FrameId)] = Math.Max(_killsArriveMs.GetValueOrDefault((host, kill.FrameId)), world.NowMs + delayMs);
                break;
            case RqdStaticLaunchFrameRequest launch when _killsArriveMs.GetValueOrDefault((host, launch.RunFrame.FrameId)) > world.NowMs:
                world.Break("P2", $"{world.Truth.Frame(EntityId.Parse(launch.RunFrame.FrameId))} is launched on {host.Name} while a kill of it is on its way there");
                break;
            default:
                break;
        }
    }

    /// <summary>An agent reports to a server.</summary>
    /// <param name="host">The agent's host.</param>
    /// <param name="request">What it reports.</param>
    /// <param name="deadlineMs">How long it waits for the answer.</param>
    /// <param name="done">Hears how it ended, once.</param>
    public void Report(SimHost host, object request, long deadlineMs, Action<ReportEnd> done)
    {
        var isDone = false;
        var givenUp = new CancellationTokenSource();
        void Finish(ReportEnd end)
        {
            if (!isDone)
            {
                isDone = true;
                done(end);
            }
        }

        if (world.ServerFor(_chance) is not { } server)
        {
            world.Tally.Add("reports that found no server");
            world.Events.After(3, () => Finish(ReportEnd.Cut));
            return;
        }

        var waits = Math.Min(deadlineMs, 60_000);
        world.Events.After(waits, () =>
        {
            if (!isDone)
            {
                Finish(ReportEnd.Cut);
                server.Threads.Enter(givenUp.Cancel);
            }
        });
        if (host.IsMute || _chance.Permille(Weather.Lost))
        {
            if (host.Kind == SimAgentKind.Python && request is Protocol.Reports.RqdReportRunningFrameCompletionRequest)
            {
                world.Tally.Add("ends lost for good");
            }

            world.Tally.Add(host.IsMute ? "reports cut off" : "reports lost");
            return;
        }

        var delay = Delay("reports late", 60_000);
        void Arrives()
        {
            if (!server.IsAlive)
            {
                Finish(ReportEnd.Cut);
                return;
            }

            server.Serve(host, request, Answers, givenUp.Token);
            void Answers(ReportEnd end)
            {
                if (host.IsDeaf || _chance.Permille(Weather.AnswerLost))
                {
                    world.Tally.Add("answers to reports lost");
                    return;
                }

                world.Events.After(Delay("answers to reports late", 20_000), () => Finish(end));
            }
        }

        world.Events.After(delay, Arrives);
        if (_chance.Permille(Weather.Doubled))
        {
            world.Tally.Add("reports doubled");
            world.Events.After(delay + _chance.Skewed(0, 60_000), Arrives);
        }
    }

    private static bool IsShown(SimHost host, RunFrame order) => host.Renders.Any(
        r => r.Order.FrameId == order.FrameId && (host.Kind == SimAgentKind.Rust || r.State == RenderState.Running));

    private long Delay(string what, long longest)
    {
        if (_chance.Permille(Weather.Late))
        {
            world.Tally.Add(what);
            return _chance.Skewed(200, longest);
        }

        return _chance.Skewed(1, 40);
    }

    private void Arrive(Calling call, SimHost host, string method, object request, string? runId)
    {
        if (host.IsDeaf)
        {
            world.Tally.Add("calls lost in a cut");
            return;
        }

        if (host.IsHung && host.IsOn)
        {
            world.Tally.Add("calls to a host that hangs");
            world.Events.At(Math.Min(host.HungUntilMs, world.NowMs + 500), () => Arrive(call, host, method, request, runId));
            return;
        }

        if (!host.Agent.IsResponsive || host.Agent.Life != call.AgentLife)
        {
            // The connection went with the process.
            call.Fail(StatusCode.Unavailable, isSent: true, "connection reset");
            return;
        }

        if (host.Kind != SimAgentKind.Ours && world.NowMs > call.GivenUpMs + LateMs)
        {
            return;
        }

        if (world.NowMs > call.GivenUpMs)
        {
            world.Tally.Add("calls carried out after they were given up");
        }

        if (request is RqdStaticLaunchFrameRequest launch)
        {
            world.Truth.LaunchArrived(host, launch.RunFrame);
        }

        if (request is RqdStaticKillRunningFrameRequest kill && host.Renders.Any(r => r.State == RenderState.Starting && r.Order.FrameId == kill.FrameId))
        {
            world.Tally.Add("kills of runs that were starting");
        }

        host.Agent.Take(new AgentCall(method, request, runId, reply => Answer(call, host, reply)));
    }

    private void Answer(Calling call, SimHost host, AgentReply reply)
    {
        if (host.IsMute || _chance.Permille(Weather.AnswerLost))
        {
            world.Tally.Add("answers lost");
            return;
        }

        if (reply.Failure is { StatusCode: StatusCode.NotFound } && call.IsKill)
        {
            world.Tally.Add("kills answered with not found");
        }

        world.Events.After(Delay("answers late", 15_000), () => call.End(reply));
    }

    /// <summary>A call as its caller sees it: it ends once.</summary>
    private sealed class Calling(SimNetwork network, SimServer server, object request, TaskCompletionSource<object> answer)
    {
        public long GivenUpMs { get; set; }

        public int AgentLife { get; set; }

        public bool IsKill => request is RqdStaticKillRunningFrameRequest;

        public void End(AgentReply reply)
        {
            if (server.IsAlive && !answer.Task.IsCompleted)
            {
                if (reply.Failure is { } failure)
                {
                    answer.TrySetException(failure);
                }
                else
                {
                    answer.TrySetResult(reply.Response!); // A reply is one or the other.
                }
            }
        }

        public void Fail(StatusCode code, bool isSent, string detail)
        {
            if (server.IsAlive && answer.TrySetException(new RpcTransportException(new Status(code, detail), isSent, "sim")))
            {
                network.Count(isSent, request);
            }
        }
    }

    private void Count(bool isSent, object request)
    {
        world.Tally.Add(isSent ? "calls without an answer" : "calls surely not sent");
        if (isSent && request is RqdStaticLaunchFrameRequest)
        {
            world.Tally.Add("launches without an answer");
        }
    }
}
