using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Frames;

/// <summary>Decides whom a frame runs as.</summary>
/// <param name="becomeJobUser">Whether frames run as their job's user, which only root can do; else all run as the agent's own.</param>
/// <param name="defaultGid">For users without an account here. OpenCue's agents use 20.</param>
internal sealed class FrameAccounts(bool becomeJobUser, uint defaultGid)
{
    private readonly Lazy<UserAccount?> _own = new(() => Libc.FindUser(Libc.EffectiveUserId()));

    /// <summary>Who the frame is to be.</summary>
    /// <param name="identity">Null: the agent's own user.</param>
    /// <param name="account">The account that goes with it; null if the machine has none for that uid.</param>
    public LaunchRefusal? Resolve(FrameOrder order, out FrameIdentity? identity, out UserAccount? account)
    {
        identity = null;
        account = _own.Value;
        if (!becomeJobUser)
        {
            return null;
        }

        account = order.Uid is { } uid ? Libc.FindUser((uint)uid) : Libc.FindUser(order.UserName);
        if (account is null && order.Uid is null)
        {
            return new(LaunchRefusalKind.Invalid, $"User '{order.UserName}' has no account on this host, and the launch names no uid.");
        }

        var user = account?.Uid ?? (uint)order.Uid!.Value;
        if (user == 0)
        {
            return new(LaunchRefusalKind.Invalid, $"User '{order.UserName}' is root, and root owns no frames.");
        }

        // Cuebot never sends a group. Root's is never given to anyone, not even if the account has it.
        var group = order.Gid is > 0 and var ordered ? (uint)ordered : account is { Gid: > 0 } ? account.Gid : defaultGid;
        uint[] groups = account is null ? [group] : Libc.GroupsOf(account.Name, group);
        identity = new FrameIdentity(user, group, [.. groups.Where(id => id != 0)]);
        return null;
    }
}
