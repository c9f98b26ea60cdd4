using System.Text.RegularExpressions;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Jobs.Submitting;

/// <summary>
/// What an earlier version of a job tells about the memory of its layers. Names differ only in how they end: <c>_v012</c>, <c>_3</c>.
/// </summary>
internal static class LastJob
{
    private static readonly Regex Version = new("_v*[0-9_]*$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>
    /// The finished job of the same name, versions apart, that finished last. (OpenCue takes the one that finished first.)
    /// </summary>
    public static Job? Find(Show show, string name)
    {
        var stem = Stem(name);
        Job? last = null;
        foreach (var job in show.Jobs)
        {
            if (job.Row.State == JobState.Finished && job.Row.StoppedAtMs > (last?.Row.StoppedAtMs ?? 0)
                && job.Row.Name.StartsWith(stem, StringComparison.Ordinal) && Stem(job.Row.Name) == stem)
            {
                last = job;
            }
        }

        return last;
    }

    /// <summary>The memory that a layer of that name really used, KiB, if at least half of its frames succeeded; else null.</summary>
    public static long? MemoryOf(Job? job, string layerName)
    {
        var layer = job?.Layers.Find(l => l.Row.Name == layerName);
        return layer is not null && layer.Counts[FrameState.Succeeded] * 2 >= layer.FrameCount && layer.Usage.Row.MaxRssKib > 0
            ? layer.Usage.Row.MaxRssKib
            : null;
    }

    /// <summary>The name without its version: an underscore, perhaps a "v", then digits and underscores up to the end.</summary>
    private static string Stem(string name) => Version.Replace(name, "");
}
