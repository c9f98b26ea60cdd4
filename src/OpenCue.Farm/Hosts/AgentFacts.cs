namespace OpenCue.Farm.Hosts;

/// <summary>What a host's agent says about itself in the attributes of its reports. OpenCue's agents say nothing of it.</summary>
/// <param name="Kind">Which agent it is.</param>
/// <param name="BootId">The kernel's boot id: it differs after each boot and nothing else changes it. Null if the agent does not tell.</param>
/// <param name="InstanceId">The id of the agent's journal; null if it has none.</param>
/// <param name="Address">Where the agent is called, if not at the host's name.</param>
/// <param name="Port">On which port, if not the farm's usual one.</param>
public sealed record AgentFacts(AgentKind Kind, string? BootId = null, string? InstanceId = null, string? Address = null, int? Port = null)
{
    /// <summary>Attribute with the name and version of our agent.</summary>
    public const string AgentAttribute = "opencue_agent";

    /// <summary>Attribute with the kernel's boot id.</summary>
    public const string BootIdAttribute = "opencue_boot_id";

    /// <summary>Attribute with the id of the agent's journal.</summary>
    public const string InstanceAttribute = "opencue_instance_id";

    /// <summary>Attribute with the address to call.</summary>
    public const string AddressAttribute = "rqd_address";

    /// <summary>Attribute with the port to call.</summary>
    public const string PortAttribute = "rqd_port";

    /// <summary>Attribute with the ids, comma-separated, of runs that have ended and whose completion was not acknowledged.</summary>
    public const string PendingCompletionsAttribute = "opencue_pending_completions";

    /// <summary>What an agent of OpenCue says.</summary>
    public static AgentFacts OpenCue { get; } = new(AgentKind.OpenCue);

    /// <summary>
    /// Reads the attributes of a report. An agent counts as ours, whose word is proof, only if it names itself and its journal. A value that can't
    /// be one (a port out of range, control characters) is as good as none.
    /// </summary>
    public static AgentFacts FromAttributes(IReadOnlyDictionary<string, string> attributes)
    {
        var agent = Text(attributes, AgentAttribute);
        var instance = Text(attributes, InstanceAttribute);
        int? port = int.TryParse(Text(attributes, PortAttribute), System.Globalization.CultureInfo.InvariantCulture, out var number)
            && number is > 0 and <= 65535 ? number : null;
        var kind = agent is not null && instance is not null ? AgentKind.OpenCueNet : AgentKind.OpenCue;
        return kind == AgentKind.OpenCueNet
            ? new AgentFacts(kind, Text(attributes, BootIdAttribute), instance, Text(attributes, AddressAttribute), port)
            : new AgentFacts(kind, null, null, Text(attributes, AddressAttribute), port);
    }

    private static string? Text(IReadOnlyDictionary<string, string> attributes, string name) =>
        attributes.TryGetValue(name, out var text) && text.Length is > 0 and <= 255 && !text.AsSpan().ContainsAnyInRange('\0', ' ') ? text : null;
}
