namespace OpenCue.Benchmarks.Agents;

/// <summary>What agents are faked.</summary>
/// <param name="Cuebot">The server's address.</param>
/// <param name="Hosts">How many.</param>
/// <param name="Cores">Whole cores of each.</param>
/// <param name="ShortestMs">The shortest run, ms.</param>
/// <param name="LongestMs">The longest run, ms; 0: each run ends at once; <see cref="ForEver"/>: none ends.</param>
internal sealed record AgentsSetup(string Cuebot, int Hosts, int Cores, int ShortestMs, int LongestMs)
{
    /// <summary>Runs that end only when they are killed.</summary>
    public const int ForEver = -1;

    /// <summary>Connections by which they report; 0: one for each host, like real ones.</summary>
    public int Connections { get; init; }

    /// <summary>After how long a completion is sent again if the server is away, ms; 0: that counts as a failure.</summary>
    public int RetryMs { get; init; }

    /// <summary>The number of the first host: hosts of two processes differ by it in name and address.</summary>
    public int FirstHost { get; init; }

    /// <summary>How often each host reports, ms; 0: never by itself.</summary>
    public int ReportEveryMs { get; init; }
}
