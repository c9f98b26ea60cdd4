namespace OpenCue.Farm;

/// <summary>Who does something to the farm.</summary>
public enum ActorKind
{
    /// <summary>The server itself: scheduler, maintenance.</summary>
    Server,

    /// <summary>A person or a script that said its name.</summary>
    User,

    /// <summary>A caller that did not say who it is (OpenCue's protocol has no authentication).</summary>
    Unauthenticated,

    /// <summary>A render host, by its report.</summary>
    Host,
}

/// <summary>Who does something, with the name it gave, and from where it called.</summary>
/// <param name="Kind">What sort of actor it is.</param>
/// <param name="Name">User name, host name or part of the server; empty if unknown.</param>
/// <param name="Peer">The caller's address, if it came over the network.</param>
public sealed record Actor(ActorKind Kind, string Name, string? Peer = null)
{
    /// <summary>The scheduler.</summary>
    public static Actor Scheduler { get; } = new(ActorKind.Server, "scheduler");

    /// <summary>The server's own upkeep.</summary>
    public static Actor Maintenance { get; } = new(ActorKind.Server, "maintenance");

    /// <inheritdoc/>
    public override string ToString() => Name.Length > 0 ? Name : Kind.ToString().ToLowerInvariant();
}
