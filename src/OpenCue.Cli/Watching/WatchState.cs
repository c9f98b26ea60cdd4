namespace OpenCue.Cli.Watching;

/// <summary>What a person who watches is shown.</summary>
/// <param name="Jobs">The jobs, in the order asked for.</param>
/// <param name="Outage">Why the figures are old; null if they are fresh.</param>
internal sealed record WatchState(IReadOnlyList<JobProgress> Jobs, string? Outage);
