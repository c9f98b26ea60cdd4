using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Frames;

/// <summary>The first lines of a frame's log: what is run, where, as whom and with which environment.</summary>
internal static class FrameLogHeader
{
    private static readonly string[] SecretWords = ["PASSW", "SECRET", "TOKEN", "CREDENTIAL", "PRIVATE", "APIKEY", "API_KEY", "ACCESS_KEY"];

    public static string Write(
        FrameOrder order, RunRecord run, FrameIdentity? identity, string directory, string hostName, DateTimeOffset now,
        ImmutableSortedDictionary<string, string> environment)
    {
        var text = new StringBuilder();
        text.Append("---- frame ----\n");
        Add("job", $"{order.JobName} ({order.JobId})");
        Add("frame", $"{order.FrameName} ({order.FrameId})");
        Add("run", order.ResourceId);
        Add("host", hostName);
        Add("user", identity is null ? $"the agent's (job of {order.UserName})" : $"{order.UserName} (uid {identity.Uid}, gid {identity.Gid})");
        Add("directory", directory);
        Add("cores", (order.CoreUnits / 100m).ToString("0.##", CultureInfo.InvariantCulture)
            + (run.Processors.IsEmpty ? "" : $", pinned to processors {string.Join(',', run.Processors)}"));
        Add("started", now.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture));
        Add("command", order.Command);
        text.Append("---- environment ----\n");
        foreach (var (name, value) in environment)
        {
            text.Append(name).Append('=').Append(IsSecret(name) ? "(not shown)" : value.ReplaceLineEndings(" ")).Append('\n');
        }

        return text.Append("---- output ----\n").Replace('\0', ' ').ToString();

        void Add(string label, string value) => text.Append(label.PadRight(12)).Append(value).Append('\n');
    }

    // A log is readable for everyone on the show.
    private static bool IsSecret(string name) =>
        SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));
}
