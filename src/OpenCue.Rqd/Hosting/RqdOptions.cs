using System.Collections.Immutable;
using System.Net;

namespace OpenCue.Rqd.Hosting;

/// <summary>All that a site can choose about an agent. <see cref="Settings"/> says how each is written and what it means.</summary>
internal sealed record RqdOptions
{
    public const int DefaultPort = 8444;

    public const int DefaultCuebotPort = 8443;

    /// <summary>Cuebots as the site names them, each with a port or without; the next is tried when one does not answer.</summary>
    public ImmutableArray<string> Cuebots { get; init; } = [];

    /// <summary>For cuebots that are named without a port.</summary>
    public int CuebotPort { get; init; } = DefaultCuebotPort;

    public int Port { get; init; } = DefaultPort;

    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>Null: the machine's name up to the first dot.</summary>
    public string? Name { get; init; }

    /// <summary>Null: what the machine has.</summary>
    public int? Cores { get; init; }

    /// <summary>Null: what the machine has.</summary>
    public long? MemoryKib { get; init; }

    public ImmutableArray<string> Tags { get; init; } = [];

    public string Facility { get; init; } = "cloud";

    public string Os { get; init; } = "Linux";

    public int LoadModifier { get; init; }

    /// <summary>Null: <c>/var/lib/opencue/rqd/NAME</c> for root, else below the user's home.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>Null: <c>/mcp</c> if it exists, else <c>/tmp</c>.</summary>
    public string? TempDirectory { get; init; }

    public TimeSpan ReportAtLeast { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan ReportAtMost { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan SampleInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Below the five seconds that OpenCue's cuebot waits for a killed frame to be gone.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Null: if the agent is root.</summary>
    public bool? BecomeJobUser { get; init; }

    public uint FrameGid { get; init; } = 20;

    public int Umask { get; init; } = 0x12; // 0022

    public int Nice { get; init; }

    public int OpenFiles { get; init; } = 16384;

    public string Shell { get; init; } = "/bin/sh";

    /// <summary>0: no limit.</summary>
    public long LogLimitBytes { get; init; } = 1L << 30;

    public bool AgentPathForFrames { get; init; }

    public bool AllAgentVariables { get; init; }

    /// <summary>Variables of the agent that frames get too.</summary>
    public ImmutableArray<string> AgentVariables { get; init; } = [];

    public string? HomePrefix { get; init; }

    public string? MailPrefix { get; init; }

    public bool KillFramesOnExit { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;
}
