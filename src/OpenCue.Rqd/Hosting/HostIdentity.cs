using System.Net;

namespace OpenCue.Rqd.Hosting;

/// <summary>How cuebot knows and reaches this host.</summary>
/// <param name="Name">In reports; a cuebot that is not told an address dials it.</param>
/// <param name="Port">That the agent serves.</param>
/// <param name="Address">To dial instead of the name, because the agent serves no other; null if it serves all.</param>
internal sealed record HostIdentity(string Name, int Port, string? Address)
{
    public static HostIdentity Of(RqdOptions options)
    {
        var name = options.Name ?? Environment.MachineName.Split('.')[0];
        var servesAll = options.Bind.Equals(IPAddress.Any) || options.Bind.Equals(IPAddress.IPv6Any);
        return new HostIdentity(name, options.Port, servesAll ? null : options.Bind.ToString());
    }
}
