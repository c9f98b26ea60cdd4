using System.Globalization;
using System.Text;
using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Commands;

/// <summary>Builds the environment that a frame is started with.</summary>
public static class FrameEnvironment
{
    /// <summary>
    /// The longest <c>NAME=value</c> that Linux hands to a program, in bytes; a longer one makes every start fail.
    /// </summary>
    public const int LongestVariable = 131_071;

    // Room for the server's variables and some of the job's, so that no launch has to make more of it.
    private const int UsualCount = 32;

    /// <summary>The job's variables, then the layer's, then the server's; a later one replaces an earlier one of the same name.</summary>
    /// <param name="job">The variables of the job.</param>
    /// <param name="layer">The variables of the layer.</param>
    /// <param name="values">The server's own.</param>
    /// <remarks>
    /// CUE_RANGE is the layer's range as it was sent. When that is too long for an environment variable it is the range's short text,
    /// and when that too is too long the variable is left out: CUE_CHUNK and #FRAMESPEC# still say what the frame has to do. OpenCue
    /// sends it whatever its length, and the frames then fail to start.
    /// </remarks>
    public static Dictionary<string, string> Build(
        IEnumerable<EnvironmentVariable> job, IEnumerable<EnvironmentVariable> layer, FrameEnvironmentValues values)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(values);
        var environment = new Dictionary<string, string>(UsualCount, StringComparer.Ordinal);
        foreach (var (name, value) in job.Concat(layer))
        {
            environment[name] = value;
        }

        environment["CUE3"] = "1";
        environment["CUE_THREADS"] = Text(Math.Max(1, values.CorePoints / 100));
        environment["CUE_MEMORY"] = Text(values.MemoryKib);
        environment["CUE_GPUS"] = Text(values.Gpus);
        environment["CUE_GPU_MEMORY"] = Text(values.GpuMemoryKib);
        environment["CUE_LOG_PATH"] = values.LogDir;
        environment["CUE_CHUNK"] = Text(values.ChunkSize);
        environment["CUE_JOB"] = values.Job;
        environment["CUE_FRAME"] = FrameNames.Format(values.Frame, values.Layer);
        environment["CUE_SHOW"] = values.Show;
        environment["CUE_SHOT"] = values.Shot;
        environment["CUE_USER"] = values.User;
        environment["CUE_JOB_ID"] = values.JobId;
        environment["CUE_LAYER_ID"] = values.LayerId;
        environment["CUE_FRAME_ID"] = values.FrameId;
        environment["CUE_THREADABLE"] = values.Threadable ? "1" : "0";
        environment["CUE_IFRAME"] = Text(values.Frame);
        environment["CUE_LAYER"] = values.Layer;
        environment.Remove("CUE_RANGE");
        if (RangeText(values.Range) is { } range)
        {
            environment["CUE_RANGE"] = range;
        }

        return environment;
    }

    /// <summary>Whether a variable is short enough to be handed to a program.</summary>
    internal static bool Fits(string name, string value) =>
        Encoding.UTF8.GetByteCount(name) + 1 + Encoding.UTF8.GetByteCount(value) <= LongestVariable;

    private static string? RangeText(FrameSet range)
    {
        if (Fits("CUE_RANGE", range.Text))
        {
            return range.Text;
        }

        var compact = range.ToString();
        return Fits("CUE_RANGE", compact) ? compact : null;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
