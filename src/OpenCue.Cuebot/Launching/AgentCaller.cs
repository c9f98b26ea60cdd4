using Grpc.Core;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Runs;

namespace OpenCue.Cuebot.Launching;

/// <summary>Makes one call to an agent and says what its end means.</summary>
internal sealed partial class AgentCaller(IAgentClients clients, FarmSettings settings, TimeProvider time, ILogger<AgentCaller> logger)
{
    private const string NoReason = "cuebot asks whether this run still lives.";

    /// <summary>Makes the call. Never throws: whatever happens is an answer.</summary>
    /// <param name="effect">What is to be done.</param>
    /// <param name="order">What was read from the farm for it.</param>
    /// <param name="stop">Gives the call up; what became of it is then unknown.</param>
    public async Task<AgentAnswer> CallAsync(Effect effect, RunOrder order, CancellationToken stop)
    {
        if (order.Agent is not { } place)
        {
            return new AgentAnswer(CallAnswer.NotSent, "The host is gone.");
        }

        var kind = place.Kind;
        Wire.RunFrame? message = null;
        if (effect.Kind == EffectKind.LaunchRun && !TryBuild(effect, order, out message, out var problem))
        {
            return new AgentAnswer(CallAnswer.RefusedOrder, problem);
        }

        try
        {
            var client = clients.For(place);
            switch (effect.Kind)
            {
                case EffectKind.LaunchRun:
                    await client.LaunchFrameAsync(new Wire.RqdStaticLaunchFrameRequest { RunFrame = message }, Options(effect, stop));
                    return new AgentAnswer(CallAnswer.Done, "");
                case EffectKind.SettleRun:
                    var status = await client.GetRunningFrameStatusAsync(
                        new Wire.RqdStaticGetRunningFrameStatusRequest { FrameId = effect.Frame.ToString() }, Options(effect, stop));
                    return new AgentAnswer(AgentAnswers.OfStatus(effect.Subject.ToString(), status.RunningFrameInfo?.ResourceId), "");
                case EffectKind.KillRun or EffectKind.KillStray:
                    await client.KillRunningFrameAsync(
                        new Wire.RqdStaticKillRunningFrameRequest { FrameId = effect.Frame.ToString(), Message = effect.Reason is { Length: > 0 } why ? why : NoReason },
                        Options(effect, stop));
                    return new AgentAnswer(CallAnswer.Done, "");
                case EffectKind.TellLock when order.Locked:
                    await client.LockAllAsync(new Wire.RqdStaticLockAllRequest(), Options(effect, stop));
                    return new AgentAnswer(CallAnswer.Done, "");
                case EffectKind.TellLock:
                    await client.UnlockAllAsync(new Wire.RqdStaticUnlockAllRequest(), Options(effect, stop));
                    return new AgentAnswer(CallAnswer.Done, "");
                default:
                    throw new InvalidOperationException($"{effect.Kind} is no call to an agent.");
            }
        }
        catch (RpcException failure)
        {
            return new AgentAnswer(MeaningOf(effect.Kind, kind, failure, order.Journal), $"{failure.StatusCode}: {failure.Status.Detail}");
        }
        catch (ArgumentException failure)
        {
            // The agent reported an address or name that can't be called.
            return new AgentAnswer(CallAnswer.NotSent, failure.Message);
        }
        catch (Exception defect)
        {
            // A call whose end is not told stays open, and with it the run, for as long as the farm is loaded. So its outcome is unknown, like that of others.
            LogCallFailed(defect, effect.Kind, effect.Subject);
            return new AgentAnswer(CallAnswer.Unanswered, defect.Message);
        }
    }

    /// <summary>A frame for which no message can be made must not be tried again and again: its layer rests, and the reason is shown.</summary>
    private bool TryBuild(Effect effect, RunOrder order, out Wire.RunFrame? message, out string problem)
    {
        (message, problem) = (null, "");
        try
        {
            var launch = order.Launch ?? throw new InvalidOperationException("There is nothing to launch.");
            message = RunFrameBuilder.Build(launch);
            return true;
        }
        catch (Exception defect)
        {
            LogNoMessage(defect, effect.Subject);
            problem = $"No launch message can be made: {defect.Message}";
            return false;
        }
    }

    private static CallAnswer MeaningOf(EffectKind call, AgentKind agent, RpcException failure, string? journal) => call switch
    {
        EffectKind.LaunchRun => AgentAnswers.OfLaunch(agent, failure),
        EffectKind.SettleRun => AgentAnswers.OfQuestion(agent, failure, journal),
        EffectKind.TellLock when failure.StatusCode == StatusCode.Unimplemented => CallAnswer.Refused,
        EffectKind.TellLock => CallAnswer.Unanswered,
        _ => AgentAnswers.OfKill(agent, failure, journal),
    };

    private CallOptions Options(Effect effect, CancellationToken stop)
    {
        var headers = new Metadata();
        if (effect.Kind != EffectKind.TellLock)
        {
            headers.Add(AgentAnswers.RunIdKey, effect.Subject.ToString());
        }

        return new CallOptions(headers, time.GetUtcNow().UtcDateTime.AddMilliseconds(settings.LaunchDeadlineMs), stop);
    }

    [LoggerMessage(EventId = 2211, Level = LogLevel.Error, Message = "No launch message can be made for run {Run}")]
    private partial void LogNoMessage(Exception defect, EntityId run);

    [LoggerMessage(EventId = 2212, Level = LogLevel.Error, Message = "{Call} {Subject} failed by a defect; what became of it is unknown")]
    private partial void LogCallFailed(Exception defect, EffectKind call, EntityId subject);
}

/// <summary>How a call ended.</summary>
/// <param name="Answer">What that means.</param>
/// <param name="Detail">What the agent or the network said, for people.</param>
internal readonly record struct AgentAnswer(CallAnswer Answer, string Detail);
