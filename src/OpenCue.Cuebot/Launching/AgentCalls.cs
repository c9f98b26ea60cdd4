using Grpc.Core;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Runs;

namespace OpenCue.Cuebot.Launching;

/// <summary>Makes one call to an agent and says how it ended.</summary>
internal sealed class AgentCalls(AgentClients clients, FarmSettings settings, TimeProvider time)
{
    /// <summary>Metadata by which our agent tells runs of one frame apart; others ignore it.</summary>
    private const string RunIdKey = "opencue-run-id";

    /// <summary>Makes the call. Never throws for what an agent or the network does.</summary>
    public async Task<(CallAnswer Answer, string Detail)> MakeAsync(CallOrder order)
    {
        var kind = order.Effect.Kind;
        try
        {
            var client = clients.For(order.Host);
            var options = Options(order.Effect);
            switch (kind)
            {
                case EffectKind.LaunchRun:
                    await client.LaunchFrameAsync(new Wire.RqdStaticLaunchFrameRequest { RunFrame = RunFrameBuilder.Build(order.Run!) }, options);
                    break;
                case EffectKind.KillRun or EffectKind.KillStray:
                    await client.KillRunningFrameAsync(
                        new Wire.RqdStaticKillRunningFrameRequest { FrameId = order.Effect.Frame.ToString(), Message = order.Effect.Reason ?? "Killed by cuebot." },
                        options);
                    break;
                case EffectKind.SettleRun:
                    return await AskAsync(client, order, options);
                case EffectKind.TellLock when order.Host.Locked:
                    await client.LockAllAsync(new Wire.RqdStaticLockAllRequest(), options);
                    break;
                case EffectKind.TellLock:
                    await client.UnlockAllAsync(new Wire.RqdStaticUnlockAllRequest(), options);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(order), kind, "Not a call to an agent.");
            }

            return (CallAnswer.Done, "");
        }
        catch (RpcException e)
        {
            var answer = kind switch
            {
                EffectKind.LaunchRun => AgentAnswers.OfLaunch(e, order.Host.Agent),
                EffectKind.SettleRun => AgentAnswers.OfQuestion(e),

                // An agent without such a lock is told by not being booked.
                EffectKind.TellLock => e.StatusCode == StatusCode.Unimplemented ? CallAnswer.Done : CallAnswer.Unanswered,
                _ => AgentAnswers.OfKill(e),
            };
            return (answer, $"{e.StatusCode}: {e.Status.Detail}");
        }
    }

    private static async Task<(CallAnswer Answer, string Detail)> AskAsync(
        Wire.RqdInterface.RqdInterfaceClient client, CallOrder order, CallOptions options)
    {
        var reply = await client.GetRunningFrameStatusAsync(
            new Wire.RqdStaticGetRunningFrameStatusRequest { FrameId = order.Effect.Frame.ToString() }, options);

        // Agents that know only the frame may tell of another run of it.
        return reply.RunningFrameInfo?.ResourceId == order.Effect.Subject.ToString()
            ? (CallAnswer.Done, "")
            : (CallAnswer.NotHere, $"The agent runs another run of the frame, {reply.RunningFrameInfo?.ResourceId}.");
    }

    private CallOptions Options(Effect effect) => new(
        new Metadata { { RunIdKey, effect.Subject.ToString() } },
        time.GetUtcNow().UtcDateTime.AddMilliseconds(settings.LaunchDeadlineMs));
}
