namespace OpenCue.Farm.Runs;

/// <summary>How a call to an agent about a run ended, in terms that mean the same for all agents.</summary>
public enum CallAnswer
{
    /// <summary>Nobody said. The agent may have got the call, or may yet get it.</summary>
    Unanswered,

    /// <summary>It was not sent, as the model did not want it any more.</summary>
    Withdrawn,

    /// <summary>It was surely not sent: no connection came about.</summary>
    NotSent,

    /// <summary>The agent took the launch or the kill, or said that the run lives.</summary>
    Done,

    /// <summary>The agent refused the launch because of the state of its host: nothing was started.</summary>
    Refused,

    /// <summary>The agent refused the launch because of what it asks, as any agent would: nothing was started.</summary>
    RefusedOrder,

    /// <summary>The agent does not have the run.</summary>
    NotHere,

    /// <summary>The agent never had the run, and has noted that it must refuse a launch of it that should still come.</summary>
    NeverHere,

    /// <summary>The agent answered without saying whether it has the run.</summary>
    CannotSay,
}
