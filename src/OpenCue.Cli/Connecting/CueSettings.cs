using System.Globalization;
using System.Text.Json;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Connecting;

/// <summary>
/// Where the server is and how long to wait for it. What the command line says goes before the environment, that before
/// <c>cue.json</c>, that before OpenCue's own <c>opencue.yaml</c>.
/// </summary>
internal sealed record CueSettings
{
    /// <summary>How long to wait for an answer where nobody says.</summary>
    public static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(30);

    private const string HostsVariable = "CUEBOT_HOSTS";
    private const string FileVariable = "CUE_CONFIG";
    private const string DefaultAddress = "localhost:8443";

    /// <summary>The servers, the preferred one first, each with its port.</summary>
    public required IReadOnlyList<string> Servers { get; init; }

    /// <summary>Who named them, for messages.</summary>
    public required string ServersFrom { get; init; }

    /// <summary>How long to wait for an answer; null if nobody said.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Puts the settings together.</summary>
    /// <param name="servers">What the command line says; null for nothing.</param>
    /// <param name="timeout">What the command line says; null for nothing.</param>
    /// <param name="variable">Finds an environment variable.</param>
    /// <exception cref="CueException">A value or a file makes no sense.</exception>
    public static CueSettings Read(string? servers, string? timeout, Func<string, string?> variable)
    {
        var file = ReadFile(variable);
        var (addresses, from) = servers is not null ? (servers, "--server")
            : variable(HostsVariable) is { Length: > 0 } hosts ? (hosts, HostsVariable)
            : file.Servers is { } named ? (named, file.Path)
            : OpenCueConfig.Servers(variable) is { } yaml ? yaml
            : (DefaultAddress, "the default");
        return new CueSettings
        {
            Servers = Addresses(addresses, from),
            ServersFrom = from,
            Timeout = timeout is not null ? Time(timeout, "--timeout")
                : file.Timeout is { } text ? Time(text, $"timeout in {file.Path}")
                : null,
        };
    }

    /// <summary>The addresses in a list divided by commas; without a port they get OpenCue's.</summary>
    private static List<string> Addresses(string text, string from)
    {
        var addresses = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(WithPort).ToList();
        return addresses.Count > 0 && addresses.TrueForAll(IsAddress)
            ? addresses
            : throw CueException.Usage($"{from} is '{text}'; write HOST or HOST:PORT, several divided by commas");
    }

    private static string WithPort(string address) =>
        address.Contains("://", StringComparison.Ordinal) || address.LastIndexOf(':') > address.LastIndexOf(']')
            ? address
            : $"{address}:{OpenCueConfig.DefaultPort}";

    private static bool IsAddress(string address) =>
        Uri.TryCreate(address.Contains("://", StringComparison.Ordinal) ? address : "http://" + address, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https" && uri.Host.Length > 0 && uri.PathAndQuery == "/" && uri.Port > 0;

    /// <summary>A time: a number of seconds, or one with <c>s</c>, <c>m</c> or <c>h</c>.</summary>
    private static TimeSpan Time(string text, string from)
    {
        var (digits, unit) = text is [.. var start, 's' or 'm' or 'h'] ? (start, text[^1]) : (text, 's');
        var seconds = double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number * (unit == 'h' ? 3600 : unit == 'm' ? 60 : 1)
            : 0;
        return seconds is > 0 and < 86_400 * 7
            ? TimeSpan.FromSeconds(seconds)
            : throw CueException.Usage($"{from} is '{text}'; write a time like 30, 30s or 5m");
    }

    private static (string Path, string? Servers, string? Timeout) ReadFile(Func<string, string?> variable)
    {
        var named = variable(FileVariable) is { Length: > 0 } name ? name : null;
        var path = named ?? Path.Combine(OpenCueConfig.Folder(variable), "cue.json");
        if (!File.Exists(path))
        {
            return named is null ? (path, null, null) : throw CueException.Usage($"{FileVariable} names {path}, which does not exist");
        }

        try
        {
            using var json = JsonDocument.Parse(
                File.ReadAllText(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            string? servers = null, timeout = null;
            foreach (var member in json.RootElement.EnumerateObject())
            {
                switch (member.Name)
                {
                    case "server":
                        servers = Text(member.Value);
                        break;
                    case "timeout":
                        timeout = Text(member.Value);
                        break;
                    default:
                        throw CueException.Usage($"{path} sets '{member.Name}', which is no setting; there are server and timeout");
                }
            }

            return (path, servers, timeout);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CueException(
                ExitCode.Usage, $$"""{{path}} is no configuration: {{e.Message}} Write { "server": "HOST:PORT", "timeout": "30s" }""", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CueException(ExitCode.Usage, $"{path} cannot be read: {e.Message}", e);
        }
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(Text)),
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };
}
