using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Specs.Ranges;

namespace OpenCue.Cuebot.Launching;

/// <summary>
/// What is copied out of the farm to call an agent: rows, which never change, and values. Messages are made from it outside of the farm's lock.
/// </summary>
/// <param name="Farm">The farm that it was read from; only to be compared. After a load there is another one.</param>
/// <param name="IsWanted">Whether the model still wants the call.</param>
/// <param name="Agent">Where to call, and which agent is there; null if the host is gone.</param>
/// <param name="Launch">What to launch; null for other calls.</param>
/// <param name="Locked">The lock state to tell.</param>
/// <param name="Journal">The journal that the agent had when the run was booked; null if it had none, or the run is not held.</param>
internal sealed record RunOrder(object Farm, bool IsWanted, AgentPlace? Agent, LaunchFacts? Launch, bool Locked, string? Journal = null);

/// <summary>Where an agent is called.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="Fqdn">Its full name; empty if unknown.</param>
/// <param name="Address">The address that the agent gave, or null.</param>
/// <param name="Port">The port that the agent gave, or null.</param>
/// <param name="Kind">Which agent it is: what its answers mean.</param>
internal readonly record struct AgentPlace(string Host, string Fqdn, string? Address, int? Port, AgentKind Kind)
{
    /// <summary>The place of a host's agent.</summary>
    public static AgentPlace Of(HostRow host) => new(host.Name, host.Fqdn, host.AgentAddress, host.AgentPort, host.Agent);
}

/// <summary>All that a launch message is made from.</summary>
/// <param name="Run">The run.</param>
/// <param name="Proc">Its place.</param>
/// <param name="Layer">Its layer.</param>
/// <param name="Job">Its job.</param>
/// <param name="Show">The name of its show.</param>
/// <param name="Chunks">The frames of its layer.</param>
internal sealed record LaunchFacts(RunRow Run, ProcRow Proc, LayerRow Layer, JobRow Job, string Show, FrameChunks Chunks);
