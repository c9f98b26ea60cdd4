namespace OpenCue.Specs.Commands;

/// <summary>
/// Where logs lie. OpenCue's clients work the same paths out on their own to show a log, so these are part of the contract. The
/// separator is always <c>/</c>.
/// </summary>
public static class LogPaths
{
    /// <summary>
    /// The longest file name of a frame's log, in bytes: file systems allow 255, and older logs of the frame get up to four characters
    /// more.
    /// </summary>
    public const int LongestLogName = 255 - 4;

    /// <summary>
    /// The longest name of a job, in bytes, for which its log directory can be made: the directory's name ends in two dashes and the
    /// job's id.
    /// </summary>
    public const int LongestJobName = 255 - 38;

    /// <summary>The directory of a job's logs: <c>root/show/shot/logs/job--id</c>.</summary>
    /// <param name="root">The root of all logs for the job's operating system.</param>
    /// <param name="show">The show as the specification wrote it, which may be an alias.</param>
    /// <param name="shot">The shot.</param>
    /// <param name="job">The full name of the job.</param>
    /// <param name="jobId">The id of the job.</param>
    public static string JobLogDir(string root, string show, string shot, string job, string jobId)
    {
        ArgumentNullException.ThrowIfNull(root);
        return $"{root.TrimEnd('/')}/{show}/{shot}/logs/{job}--{jobId}";
    }

    /// <summary>
    /// The log of a frame's latest run: <c>dir/job.frame.rqlog</c>; earlier runs' logs have <c>.1</c>, <c>.2</c>, ... behind it,
    /// <c>.1</c> the oldest.
    /// </summary>
    /// <param name="logDir">The directory of the job's logs.</param>
    /// <param name="job">The full name of the job.</param>
    /// <param name="frameName">The name of the frame, as in 0001-render.</param>
    public static string FrameLog(string logDir, string job, string frameName) => $"{logDir}/{FrameLogName(job, frameName)}";

    /// <summary>The file name alone of a frame's latest log.</summary>
    public static string FrameLogName(string job, string frameName) => $"{job}.{frameName}.rqlog";
}
