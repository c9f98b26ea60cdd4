using System.CommandLine;
using System.Globalization;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;
using OpenCue.Specs.Launch;

namespace OpenCue.Cli.Submitting;

/// <summary>The options that describe a job of one command.</summary>
internal static class SubmitOptions
{
    private const long KibPerMib = 1024;
    private const long KibPerGib = KibPerMib * 1024;
    private const long KibPerTib = KibPerGib * 1024;

    public static readonly Option<string?> Name = new("--name", "-n")
    {
        Description = "The job's name; it becomes show-shot-user_NAME.",
        HelpName = "NAME",
    };
    public static readonly Option<string> Range = new("--range", "-r")
    {
        Description = "The frames: 1-100, 1-100x2, 1,5,9.",
        HelpName = "RANGE",
        DefaultValueFactory = _ => "1",
    };

    public static readonly Option<int> Chunk = new("--chunk", "-c")
    {
        Description = "How many frames one start of the command renders.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    public static readonly Option<string?> Show = new("--show")
    {
        Description = "The show. Default: $SHOW, else testing.",
        HelpName = "SHOW",
    };
    public static readonly Option<string?> Shot = new("--shot")
    {
        Description = "The shot. Default: $SHOT, else default.",
        HelpName = "SHOT",
    };
    public static readonly Option<string?> User = new("--user", "-u")
    {
        Description = "Who owns the job, and whom frames run as. Default: you.",
        HelpName = "USER",
    };
    public static readonly Option<int?> Uid = new("--uid")
    {
        Description = "The user's numeric id. Default: what this machine has for the user.",
        HelpName = "UID",
    };
    public static readonly Option<string?> Facility = new("--facility")
    {
        Description = "Where to render. Default: the site's.",
        HelpName = "FACILITY",
    };
    public static readonly Option<string?> Email = new("--email") { Description = "Who hears when the job is done.", HelpName = "ADDRESS" };
    public static readonly Option<string> LayerName = new("--layer-name", "-l")
    {
        Description = "The name of the layer.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "render",
    };

    public static readonly Option<LayerType> LayerKind = new("--layer-type")
    {
        Description = "Render, Util or Pre.",
        HelpName = "TYPE",
        DefaultValueFactory = _ => LayerType.Render,
    };

    public static readonly Option<string[]> Service = new("--service")
    {
        Description = "Services, whose values the layer takes over. Default: shell.",
        HelpName = "NAME",
    };
    public static readonly Option<string?> Cores = new("--cores")
    {
        Description = "The least cores of a frame: 1, 0.5; 0 is a whole host. Default: the service's.",
        HelpName = "N",
    };
    public static readonly Option<bool?> Threadable = new("--threadable")
    {
        Description = "Whether a frame may get more cores than that. Default: the service's.",
        HelpName = "true|false",
    };
    public static readonly Option<string?> Memory = new("--memory", "-m")
    {
        Description = "The least memory of a frame: 512m, 4g. Default: the service's.",
        HelpName = "SIZE",
    };
    public static readonly Option<int?> Gpus = new("--gpus") { Description = "The least GPUs of a frame.", HelpName = "N" };
    public static readonly Option<string?> GpuMemory = new("--gpu-memory")
    {
        Description = "The least GPU memory of a frame.",
        HelpName = "SIZE",
    };
    public static readonly Option<string[]> Tags = new("--tags")
    {
        Description = "Tags of which a host must have one. Default: the service's.",
        HelpName = "TAG,...",
    };
    public static readonly Option<string[]> Limits = new("--limits")
    {
        Description = "Limits that the frames count against.",
        HelpName = "LIMIT,...",
    };
    public static readonly Option<string[]> Env = new("--env", "-e")
    {
        Description = "A variable for the command; may be given again.",
        HelpName = "NAME=VALUE",
    };
    public static readonly Option<string[]> Outputs = new("--output")
    {
        Description = "Where results go, for people to see.",
        HelpName = "PATH",
    };
    public static readonly Option<int?> FrameTimeout = new("--frame-timeout")
    {
        Description = "Kill frames after so many minutes.",
        HelpName = "MINUTES",
    };
    public static readonly Option<int?> StallTimeout = new("--stall-timeout")
    {
        Description = "Kill frames whose log has not grown for so many minutes.",
        HelpName = "MINUTES",
    };
    public static readonly Option<int?> Priority = new("--priority", "-p")
    {
        Description = "The priority, higher first. Default: 1.",
        HelpName = "N",
    };
    public static readonly Option<int?> MaxRetries = new("--max-retries")
    {
        Description = "How often a failed frame is tried again. Default: 1.",
        HelpName = "N",
    };
    public static readonly Option<int?> MaxCores = new("--max-cores")
    {
        Description = "The most cores of the whole job. Default: 100.",
        HelpName = "N",
    };
    public static readonly Option<string?> Os = new("--os") { Description = "The operating system that hosts must have.", HelpName = "OS" };
    public static readonly Option<bool> AutoEat = new("--auto-eat") { Description = "Give up frames that fail." };
    public static readonly Option<bool> Paused = new("--paused") { Description = "Wait for cue job resume." };
    public static readonly Option<string[]> DependOn = new("--depend-on")
    {
        Description = "Wait until this job has ended; may be given again.",
        HelpName = "JOB",
    };

    /// <summary>All of them, in the order of the help.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        Name, Range, Chunk, Show, Shot, User, Uid, Facility, Email, LayerName, LayerKind, Service, Cores, Threadable, Memory, Gpus,
        GpuMemory, Tags, Limits, Env, Outputs, FrameTimeout, StallTimeout, Priority, MaxRetries, MaxCores, Os, AutoEat, Paused, DependOn,
    ];

    /// <summary>Texts divided by commas, or given in several options.</summary>
    public static IEnumerable<string> List(CommandRun run, Option<string[]> option) =>
        run.Get(option)!.SelectMany(text => text.Split([',', '|'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Hundredths of a core.</summary>
    public static int? CorePoints(CommandRun run)
    {
        if (run.Get(Cores) is not { } text)
        {
            return null;
        }

        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;
        return decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out var cores) && Math.Abs(cores) < 10_000
            ? (int)Math.Round(cores * 100)
            : throw CueException.Usage($"--cores '{text}' is no number of cores; write 4 or 0.5, or 0 for a whole host");
    }

    /// <summary>An amount of memory in KiB; a number alone means GiB, as in specifications.</summary>
    public static long? Kib(CommandRun run, Option<string?> option)
    {
        if (run.Get(option) is not { } text)
        {
            return null;
        }

        var lower = text.Trim().ToLowerInvariant();
        var digits = lower.TrimEnd('i', 'b').TrimEnd('k', 'm', 'g', 't');
        var unit = lower[digits.Length..] switch
        {
            "k" or "kb" or "kib" => 1,
            "m" or "mb" or "mib" => KibPerMib,
            "" or "g" or "gb" or "gib" => KibPerGib,
            "t" or "tb" or "tib" => KibPerTib,
            _ => 0,
        };
        var isNumber = decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount);
        return isNumber && unit > 0 && amount is > 0 and < 1_000_000_000
            ? (long)(amount * unit)
            : throw CueException.Usage($"{option.Name} '{text}' is no amount of memory; write 512m, 4g or 2.5g");
    }
}
