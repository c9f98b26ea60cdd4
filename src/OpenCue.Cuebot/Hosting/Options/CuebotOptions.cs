using System.Net;
using System.Security.Cryptography.X509Certificates;
using OpenCue.Farm.Scheduling.Policies;

namespace OpenCue.Cuebot.Hosting.Options;

/// <summary>How a server runs: what command line, environment and configuration file say together.</summary>
internal sealed record CuebotOptions
{
    /// <summary>The folder with the SQLite file; null if the farm is kept in PostgreSQL.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The connection string of PostgreSQL; null if the farm is kept in SQLite.</summary>
    public string? Postgres { get; init; }

    /// <summary>A PostgreSQL that does not flush commits to disk is accepted.</summary>
    public bool AllowUnsafePostgres { get; init; }

    /// <summary>Where both ports listen.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>The port of gRPC; 0 takes a free one.</summary>
    public int Port { get; init; } = 8443;

    /// <summary>The port of gRPC-Web, JSON and pages; 0 takes a free one.</summary>
    public int HttpPort { get; init; } = 8448;

    /// <summary>The port that host agents listen on, where they did not say another one.</summary>
    public int RqdPort { get; init; } = 8444;

    /// <summary>Certificate with private key for both ports; null serves in plain text, as OpenCue does.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Web origins whose pages may call.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>The longest that answers to hosts' status reports wait while too many come; zero: they never wait.</summary>
    public TimeSpan ReportAnswerWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The least level that is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Scheduling policies of the site's own.</summary>
    public IReadOnlyList<ISchedulingPolicy> Policies { get; init; } = [];

    /// <summary>Settings of the farm's rules.</summary>
    public FarmSettings Farm { get; init; } = new();
}
