namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>One thing that holds something: a code and numbers for programs, sentences for people.</summary>
/// <param name="Code">Which.</param>
/// <param name="Text">What is the matter, with numbers.</param>
/// <param name="WayOut">What can be done; empty if nothing need be.</param>
public sealed record Reason(ReasonCode Code, string Text, string WayOut = "")
{
    /// <summary>The name of what it is about: job, group, limit, allocation, host ...</summary>
    public string Subject { get; init; } = "";

    /// <summary>What is in use: cores, GPUs, tokens, as the code says.</summary>
    public double Use { get; init; }

    /// <summary>What one frame more would add.</summary>
    public double Need { get; init; }

    /// <summary>What there may be.</summary>
    public double Maximum { get; init; }

    /// <summary>When it began, or when it ends by itself, ms since 1970; 0 if that is not known.</summary>
    public long AtMs { get; init; }

    /// <summary>True if it does not pass by itself: somebody has to change something.</summary>
    public bool Never { get; init; }

    /// <summary>What is involved, by name, the first few.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>What explanations are made from. Nothing of it is changed.</summary>
/// <param name="Farm">The farm.</param>
/// <param name="Scheduler">Its scheduler: order, reservations, and the match of work and hosts.</param>
/// <param name="Now">The time.</param>
public sealed record ExplainContext(FarmModel Farm, Scheduler Scheduler, FarmTime Now);
