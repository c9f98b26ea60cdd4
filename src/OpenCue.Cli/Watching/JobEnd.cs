namespace OpenCue.Cli.Watching;

/// <summary>Whether there is anything left to watch of a job.</summary>
internal enum JobEnd
{
    /// <summary>It goes on.</summary>
    None,

    /// <summary>It finished and every frame succeeded.</summary>
    Succeeded,

    /// <summary>It finished, was killed, or had frames given up.</summary>
    Failed,

    /// <summary>Nothing runs or can run, because frames are dead: somebody has to retry or eat them.</summary>
    Stuck,

    /// <summary>The server keeps it no longer, so how it ended is unknown.</summary>
    Gone,
}
