using System.CommandLine;

namespace OpenCue.Cli.Commands;

/// <summary>The options that every command has.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string?> Server = new("--server", "-s")
    {
        Description = "Where cuebot is; several are tried in turn. Otherwise CUEBOT_HOSTS, ~/.config/opencue/cue.json or opencue.yaml say, "
            + "else it is localhost:8443.",
        HelpName = "HOST[:PORT],...",
        Recursive = true,
    };

    public static readonly Option<string?> Timeout = new("--timeout")
    {
        Description = "How long to wait for an answer: 30, 30s, 5m. Default: 30s, and 5m for a submission.",
        HelpName = "TIME",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Write JSON, for scripts.",
        Recursive = true,
    };

    public static readonly Option<bool> NoColor = new("--no-color")
    {
        Description = "Write no colours. So does the variable NO_COLOR.",
        Recursive = true,
    };

    /// <summary>For commands that destroy something; not one that all have.</summary>
    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Don't ask." };
}
