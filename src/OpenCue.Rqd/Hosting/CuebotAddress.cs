using System.Globalization;

namespace OpenCue.Rqd.Hosting;

/// <summary>Where a cuebot is: <c>host</c>, <c>host:port</c>, <c>[v6-address]:port</c>.</summary>
internal static class CuebotAddress
{
    /// <summary>The address with its port; null if it is none.</summary>
    public static string? TryParse(string text, int defaultPort)
    {
        var port = defaultPort.ToString(CultureInfo.InvariantCulture);
        var withPort = text switch
        {
            ['[', .., ']'] => $"{text}:{port}",
            ['[', ..] => text,
            _ when text.Contains(':', StringComparison.Ordinal) => text,
            _ => $"{text}:{port}",
        };
        return Uri.TryCreate($"http://{withPort}", UriKind.Absolute, out var uri)
            && uri is { PathAndQuery: "/", Fragment: "", UserInfo: "", Host.Length: > 0, Port: > 0 }
            && withPort.EndsWith($":{uri.Port.ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal)
            ? withPort
            : null;
    }
}
