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

    private static string Clean(string? name)
    {
        var text = new string([.. (name ?? "").Where(c => !char.IsControl(c))]).Trim();
        return text.Length > LongestName ? text[..LongestName] : text;
    }
}
