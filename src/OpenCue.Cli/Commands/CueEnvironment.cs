using OpenCue.Cli.Output;

namespace OpenCue.Cli.Commands;

/// <summary>All that a command finds around it; tests bring their own.</summary>
internal sealed record CueEnvironment
{
    /// <summary>Where it reads and writes.</summary>
    public required Terminal Terminal { get; init; }

    /// <summary>Finds an environment variable.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Who calls: the name of the user.</summary>
    public string User { get; init; } = Environment.UserName;

    /// <summary>The name of this machine.</summary>
    public string Machine { get; init; } = Environment.MachineName;

    /// <summary>The process's own.</summary>
    public static CueEnvironment OfProcess() => new()
    {
        Terminal = Terminal.OfProcess(Environment.GetEnvironmentVariable),
        Variable = Environment.GetEnvironmentVariable,
    };
}
