using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace OpenCue.Rqd.Hosting;

/// <summary>All settings of the agent, in the order of the help.</summary>
internal static class Settings
{
    private static readonly char[] ListSeparators = [' ', ',', '\t'];

    public static ImmutableArray<Setting> All { get; } =
    [
        new("cuebot", "HOST[:PORT],...", "Where cuebot is; several are tried in turn. Default: localhost:8443.",
            (options, value) => options with { Cuebots = Addresses(value) }, "OVERRIDE_CUEBOT"),
        new("cuebot-port", "PORT", "For cuebots named without a port. Default: 8443.",
            (options, value) => options with { CuebotPort = Number(value, 1, 65535) }, "CUEBOT_GRPC_PORT"),
        new("port", "PORT", "The port to serve. Default: 8444.",
            (options, value) => options with { Port = Number(value, 1, 65535) }, "RQD_GRPC_PORT"),
        new("bind", "ADDRESS", "The address to serve; 0.0.0.0 for all. Default: 127.0.0.1. Who can reach it can run commands here.",
            (options, value) => options with { Bind = Address(value) }),
        new("name", "NAME", "The name to report; cuebot dials it. Default: the machine's, up to the first dot.",
            (options, value) => options with { Name = HostName(value) }, "OVERRIDE_HOSTNAME"),
        new("cores", "N", "Cores to offer. Default: all physical ones that the process may use.",
            (options, value) => options with { Cores = Number(value, 1, 100_000) }, "OVERRIDE_CORES"),
        new("memory", "SIZE", "Memory to offer: 24G, 512M, or a number of KiB. Default: all that the process may use.",
            (options, value) => options with { MemoryKib = Size(value) }, "OVERRIDE_MEMORY"),
        new("tags", "TAG,...", "Tags to report besides the agent's own.",
            (options, value) => options with { Tags = List(value) }, "RQD_TAGS"),
        new("facility", "NAME", "The facility to report. Default: cloud.",
            (options, value) => options with { Facility = Word(value) }, "DEFAULT_FACILITY"),
        new("os", "NAME", "The operating system to report, which jobs can ask for. Default: Linux.",
            (options, value) => options with { Os = Word(value) }, "SP_OS"),
        new("load-modifier", "N", "Added to the reported load (100 is one core); keeps frames away. Default: 0.",
            (options, value) => options with { LoadModifier = Number(value, -1_000_000, 1_000_000) }, "LOAD_MODIFIER"),
        new("state-dir", "DIR", "Where runs are remembered. Default: /var/lib/opencue/rqd/NAME for root, else ~/.local/state/opencue/rqd/NAME.",
            (options, value) => options with { StateDirectory = Path(value) }),
        new("temp-dir", "DIR", "Where frames start, and whose room is reported. Default: /mcp if it exists, else /tmp.",
            (options, value) => options with { TempDirectory = Path(value) }),
        new("report-interval", "SECONDS[-SECONDS]", "Between two reports, at random. Default: 5-30.",
            (options, value) =>
            {
                var (atLeast, atMost) = Interval(value);
                return options with { ReportAtLeast = atLeast, ReportAtMost = atMost };
            }),
        new("sample-interval", "SECONDS", "Between two looks at what frames use. Default: 10.",
            (options, value) => options with { SampleInterval = Seconds(value, 0.1) }),
        new("kill-grace", "SECONDS", "Between SIGTERM and SIGKILL of a frame. Default: 4.",
            (options, value) => options with { KillGrace = Seconds(value, 0) }),
        new("become-job-user", "yes|no", "Whether frames run as their job's user. Default: yes if rqd is root, which it must be for that.",
            (options, value) => options with { BecomeJobUser = YesNo(value) }, "RQD_BECOME_JOB_USER"),
        new("frame-gid", "GID", "Group of job users without an account here. Default: 20.",
            (options, value) => options with { FrameGid = (uint)Number(value, 1, int.MaxValue) }, "LAUNCH_FRAME_USER_GID"),
        new("umask", "OCTAL", "Of frames. Default: 022.",
            (options, value) => options with { Umask = Octal(value) }),
        new("nice", "N", "Niceness of frames. Default: 0.",
            (options, value) => options with { Nice = Number(value, -20, 19) }),
        new("open-files", "N", "Soft limit of open files of frames. Default: 16384.",
            (options, value) => options with { OpenFiles = Number(value, 64, int.MaxValue) }),
        new("shell", "PATH", "Runs the frames' commands. Default: /bin/sh.",
            (options, value) => options with { Shell = Path(value) }),
        new("log-limit", "BYTES", "A frame whose log grows larger is killed; 0 for no limit. Default: 1073741824.",
            (options, value) => options with { LogLimitBytes = LongNumber(value) }, "JOB_LOG_MAX_SIZE_IN_BYTES"),
        new("agent-path", "yes|no", "Whether frames get the agent's PATH. Default: no.",
            (options, value) => options with { AgentPathForFrames = YesNo(value) }, "RQD_USE_PATH_ENV_VAR"),
        new("all-agent-variables", "yes|no", "Whether frames get all of the agent's environment. Default: no.",
            (options, value) => options with { AllAgentVariables = YesNo(value) }, "RQD_USE_ALL_HOST_ENV_VARS"),
        new("agent-variables", "NAME,...", "Variables of the agent's environment that frames get.",
            (options, value) => options with { AgentVariables = List(value) }),
        new("home-prefix", "DIR", "Frames get HOME=DIR/USER. Default: the account's home.",
            (options, value) => options with { HomePrefix = Path(value) }, "RQD_CUSTOM_HOME_PREFIX"),
        new("mail-prefix", "DIR", "Frames get MAIL=DIR/USER. Default: no MAIL.",
            (options, value) => options with { MailPrefix = Path(value) }, "RQD_CUSTOM_MAIL_PREFIX"),
        new("log-level", "LEVEL", "Of the agent's own log: debug, information, warning, error. Default: information.",
            (options, value) => options with { LogLevel = Level(value) }, "CONSOLE_LOG_LEVEL"),
        new("kill-frames-on-exit", null, "End the frames when the agent is stopped. Without it they go on, and the next agent takes them over.",
            (options, value) => options with { KillFramesOnExit = YesNo(value) }),
    ];

    /// <summary>Keys of OpenCue's <c>rqd.conf</c> that have no effect here; naming one is no mistake.</summary>
    public static ImmutableHashSet<string> IgnoredOpenCueKeys { get; } =
    [
        "OVERRIDE_PROCS", "OVERRIDE_NIMBY", "USE_NIMBY_PYNPUT", "OVERRIDE_IS_DESKTOP", "GPU", "RQD_USE_IP_AS_HOSTNAME",
        "RQD_USE_IPV6_AS_HOSTNAME", "RQD_NETWORK_INTERFACE", "FILE_LOG_LEVEL", "RQD_PREPEND_TIMESTAMP", "CHECK_INTERVAL_LOCKED", "MINIMUM_IDLE",
        "SENTRY_DSN_PATH", "BACKUP_CACHE_PATH", "BACKUP_CACHE_TIME_TO_LIVE_SECONDS", "RQD_DISPLAY_PATH", "PLAYBLAST", "RQD_TMPDIR",
        "DEFAULT_CORES", "DEFAULT_MEMORY",
    ];

    private static int Number(string value, int least, int most) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"it has to be a whole number from {least} to {most}");

    private static long LongNumber(string value) =>
        long.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw new FormatException("it has to be a whole number, 0 or more");

    private static TimeSpan Seconds(string value, double least) =>
        double.TryParse(value, CultureInfo.InvariantCulture, out var seconds) && seconds >= least && seconds <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"it has to be a number of seconds, from {least.ToString(CultureInfo.InvariantCulture)} to 86400");

    private static (TimeSpan AtLeast, TimeSpan AtMost) Interval(string value)
    {
        var ends = value.Split('-');
        if (ends.Length is 1 or 2)
        {
            var (first, last) = (Seconds(ends[0], 0.1), Seconds(ends[^1], 0.1));
            if (first <= last)
            {
                return (first, last);
            }
        }
        throw new FormatException("it has to be seconds, or two numbers of seconds like 5-30, the smaller first");
    }

    private static bool YesNo(string value) => value.ToUpperInvariant() switch
    {
        "YES" or "TRUE" or "ON" or "1" => true,
        "NO" or "FALSE" or "OFF" or "0" => false,
        _ => throw new FormatException("it has to be yes or no"),
    };

    private static long Size(string value)
    {
        var (digits, factor) = value switch
        {
            [.. var start, 'G' or 'g'] => (start, 1024L * 1024),
            [.. var start, 'M' or 'm'] => (start, 1024L),
            [.. var start, 'K' or 'k'] => (start, 1L),
            _ => (value, 1L),
        };
        return long.TryParse(digits, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= long.MaxValue / 2048 / factor
            ? number * factor
            : throw new FormatException("it has to be a size like 24G, 512M or a number of KiB");
    }

    private static int Octal(string value)
    {
        try
        {
            var mask = Convert.ToInt32(value, fromBase: 8);
            if (mask is >= 0 and <= 511) // 0777
            {
                return mask;
            }
        }
        catch (Exception error) when (error is FormatException or OverflowException or ArgumentException)
        {
            // the same answer as for a number out of range
        }
        throw new FormatException("it has to be an octal number from 0 to 777");
    }

    private static IPAddress Address(string value) =>
        IPAddress.TryParse(value, out var address) ? address : throw new FormatException("it has to be an IP address, like 127.0.0.1 or 0.0.0.0");

    private static string Path(string value) =>
        value.StartsWith('/') && !value.Any(char.IsControl) ? value : throw new FormatException("it has to be an absolute path");

    private static string Word(string value) =>
        value.Length is > 0 and <= 255 && !value.Any(character => char.IsWhiteSpace(character) || char.IsControl(character))
            ? value
            : throw new FormatException("it has to be one word");

    private static string HostName(string value) =>
        Word(value).Contains('/', StringComparison.Ordinal) ? throw new FormatException("it has to be a host name or an address") : value;

    private static ImmutableArray<string> List(string value) => [.. value.Split(ListSeparators, StringSplitOptions.RemoveEmptyEntries)];

    private static ImmutableArray<string> Addresses(string value)
    {
        var addresses = List(value);
        return !addresses.IsEmpty && addresses.All(address => CuebotAddress.TryParse(address, RqdOptions.DefaultCuebotPort) is not null)
            ? addresses
            : throw new FormatException("it has to name hosts, each with a port or without, like cuebot1:8443,cuebot2");
    }

    private static LogLevel Level(string value) => value.ToUpperInvariant() switch
    {
        "TRACE" => LogLevel.Trace,
        "DEBUG" => LogLevel.Debug,
        "INFO" or "INFORMATION" => LogLevel.Information,
        "WARN" or "WARNING" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "CRITICAL" or "FATAL" => LogLevel.Critical,
        _ => throw new FormatException("it has to be debug, information, warning or error"),
    };
}
