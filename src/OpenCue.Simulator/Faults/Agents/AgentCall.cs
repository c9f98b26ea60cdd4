using Grpc.Core;

namespace OpenCue.Simulator.Faults.Agents;

/// <summary>A call that has reached an agent.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Request">The request.</param>
/// <param name="RunId">The run that the metadata name; only our agent looks at it.</param>
/// <param name="Answer">Takes the agent's answer; at most one is heard.</param>
internal sealed record AgentCall(string Method, object Request, string? RunId, Action<AgentReply> Answer);

/// <summary>An agent's answer: a response, or a status that is not OK.</summary>
internal sealed record AgentReply(object? Response, RpcException? Failure)
{
    /// <summary>It answers.</summary>
    public static AgentReply Ok(object response) => new(response, null);

    /// <summary>It refuses.</summary>
    /// <param name="code">The status.</param>
    /// <param name="detail">Its text.</param>
    /// <param name="runState">What our agent says of the run in a trailer.</param>
    /// <param name="journal">Which journal says so.</param>
    public static AgentReply Refuse(StatusCode code, string detail, string? runState = null, string? journal = null)
    {
        var trailers = new Metadata();
        if (runState is not null)
        {
            trailers.Add(Cuebot.Launching.AgentAnswers.RunStateTrailer, runState);
        }

        if (journal is not null)
        {
            trailers.Add(Cuebot.Launching.AgentAnswers.JournalTrailer, journal);
        }

        return new AgentReply(null, new RpcException(new Status(code, detail), trailers));
    }
}
