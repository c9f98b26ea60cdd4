namespace OpenCue.Cuebot.Launching;

/// <summary>Where calls to agents go: over the network, or to simulated agents.</summary>
internal interface IAgentClients
{
    /// <summary>The client of a host's agent.</summary>
    Wire.RqdInterface.RqdInterfaceClient For(AgentPlace place);
}
