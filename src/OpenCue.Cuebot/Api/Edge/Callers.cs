using Grpc.Core;

namespace OpenCue.Cuebot.Api.Edge;

/// <summary>
/// Who calls. Nobody proves who they are, as in OpenCue: a name is what the caller says in the request, or in the metadata
/// <see cref="UserHeader"/>, where our own tools put it.
/// </summary>
internal static class Callers
{
    /// <summary>Metadata with the name of the user who calls.</summary>
    public const string UserHeader = "opencue-user";

    private const int LongestName = 64;

    /// <summary>The caller as an actor.</summary>
    /// <param name="context">The call.</param>
    /// <param name="user">The user name in the request, if it has such a field.</param>
    public static Actor Of(ServerCallContext context, string? user)
    {
        var name = string.IsNullOrWhiteSpace(user) ? context.RequestHeaders.GetValue(UserHeader) : user;
        return Clean(name) is { Length: > 0 } known
            ? new Actor(ActorKind.User, known, context.Peer)
            : new Actor(ActorKind.Unauthenticated, "", context.Peer);
    }

    /// <summary>The actor for a log: the name, or where an unknown caller called from.</summary>
    /// <param name="actor">The actor.</param>
    /// <param name="host">The machine that the request says it comes from.</param>
    /// <param name="pid">The process that the request says it comes from.</param>
    public static string Describe(Actor actor, string host = "", string pid = "")
    {
        var who = actor.Name.Length > 0 || actor.Peer is null ? actor.ToString() : $"{actor} at {actor.Peer}";
        var from = Clean(host) is { Length: > 0 } machine ? $" on {machine}" : "";
        var process = Clean(pid) is { Length: > 0 } number ? $" (pid {number})" : "";
        return $"{who}{from}{process}";
    }

    private static string Clean(string? name)
    {
        var text = new string([.. (name ?? "").Where(c => !char.IsControl(c))]).Trim();
        return text.Length > LongestName ? text[..LongestName] : text;
    }
}
