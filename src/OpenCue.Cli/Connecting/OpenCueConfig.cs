using System.Runtime.InteropServices;
using OpenCue.Cli.Output;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenCue.Cli.Connecting;

/// <summary>
/// The configuration of OpenCue's Python clients, <c>opencue.yaml</c>: a studio that has one needs no other for <c>cue</c>. Of its
/// keys those that say where the servers are count here: <c>cuebot.facility</c>, <c>cuebot.facility_default</c>,
/// <c>cuebot.grpc_port</c>.
/// </summary>
internal static class OpenCueConfig
{
    /// <summary>The port of a server that is named without one.</summary>
    public const string DefaultPort = "8443";

    private static readonly string[] FileVariables = ["OPENCUE_CONFIG_FILE", "OPENCUE_CONF"];

    /// <summary>The folder for configuration files of a user.</summary>
    public static string Folder(Func<string, string?> variable)
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            return Path.Combine(variable("APPDATA") ?? "", "opencue");
        }

        var home = variable("XDG_CONFIG_HOME") is { Length: > 0 } config ? config : Path.Combine(variable("HOME") ?? "/", ".config");
        return Path.Combine(home, "opencue");
    }

    /// <summary>
    /// The servers of the user's facility, divided by commas, and the file that names them; null if there is no such file, or facility
    /// in it.
    /// </summary>
    public static (string Servers, string From)? Servers(Func<string, string?> variable)
    {
        var path = FileVariables.Select(variable).Append(Path.Combine(Folder(variable), "opencue.yaml")).FirstOrDefault(File.Exists);
        if (path is null || Load(path) is not { } map)
        {
            return null;
        }

        var port = Text(map, "cuebot.grpc_port") ?? DefaultPort;
        var facility = variable("CUEBOT_FACILITY") is { Length: > 0 } wanted ? wanted : Text(map, "cuebot.facility_default") ?? "local";
        var facilities = Child(map, "cuebot.facility") as YamlMappingNode;
        var hosts = facilities is not null && Child(facilities, facility) is { } named ? Hosts(named) : [];
        var servers = hosts.Select(host => host.Contains(':', StringComparison.Ordinal) ? host : $"{host}:{port}");
        return hosts.Count == 0 ? null : (string.Join(',', servers), $"facility {facility} in {path}");
    }

    private static List<string> Hosts(YamlNode node) => node switch
    {
        YamlSequenceNode list => [.. list.OfType<YamlScalarNode>().Select(item => item.Value).OfType<string>()],
        YamlScalarNode { Value: { Length: > 0 } one } => [one],
        _ => [],
    };

    private static YamlMappingNode? Load(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var yaml = new YamlStream();
            yaml.Load(reader);
            return yaml.Documents is [{ RootNode: YamlMappingNode map }, ..] ? map : null;
        }
        catch (YamlException e)
        {
            throw new CueException(ExitCode.Usage, $"{path}, line {e.Start.Line}: this is no YAML: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CueException(ExitCode.Usage, $"{path} cannot be read: {e.Message}", e);
        }
    }

    private static YamlNode? Child(YamlMappingNode map, string key) =>
        map.Children.FirstOrDefault(child => child.Key is YamlScalarNode name && name.Value == key).Value;

    private static string? Text(YamlMappingNode map, string key) => (Child(map, key) as YamlScalarNode)?.Value;
}
