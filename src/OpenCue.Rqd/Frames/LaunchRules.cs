using System.Text;

namespace OpenCue.Rqd.Frames;

/// <summary>What an order must be like, whatever the state of the host.</summary>
internal static class LaunchRules
{
    /// <summary>Linux passes no longer single argument to a program.</summary>
    private const int LongestCommand = 128 * 1024 - 1;

    private const int LongestFileName = 255 - 8; // room for ".rqlog" is in the name already; this is for ".99" and the like

    private const int LongestDirectory = 3800;

    /// <summary>Null if the order is fine; else what is wrong with it.</summary>
    public static LaunchRefusal? Check(FrameOrder order)
    {
        var problem = CheckIds(order) ?? CheckUser(order) ?? CheckNumbers(order) ?? CheckCommand(order) ?? CheckLog(order) ?? CheckEnvironment(order);
        return problem is null ? null : new LaunchRefusal(LaunchRefusalKind.Invalid, problem);
    }

    private static string? CheckIds(FrameOrder order)
    {
        if (order.RunId is { } runId && runId != order.ResourceId)
        {
            return $"The run id is {runId} in the metadata and {order.ResourceId} in resource_id; they have to be the same.";
        }

        return CheckId("resource_id", order.ResourceId) ?? CheckId("job_id", order.JobId) ?? CheckId("frame_id", order.FrameId)
            ?? CheckId("layer_id", order.LayerId);
    }

    private static string? CheckId(string field, string id) =>
        Guid.TryParseExact(id, "D", out _) ? null : $"{field} is '{id}', which is no UUID.";

    private static string? CheckUser(FrameOrder order)
    {
        if (order.Uid <= 0)
        {
            return $"uid is {order.Uid}: root owns no frames.";
        }
        // It becomes part of paths.
        return order.UserName.Contains('/', StringComparison.Ordinal) || order.UserName.Any(char.IsControl)
            ? $"user_name is '{order.UserName}', which is no name of a user."
            : null;
    }

    private static string? CheckNumbers(FrameOrder order)
    {
        if (order.CoreUnits <= 0)
        {
            return $"num_cores is {order.CoreUnits}; a frame needs some (100 is one core).";
        }

        if (order.Gpus != 0)
        {
            return $"num_gpus is {order.Gpus}, and this agent offers no GPUs.";
        }

        return null;
    }

    private static string? CheckCommand(FrameOrder order)
    {
        if (string.IsNullOrWhiteSpace(order.Command))
        {
            return "command is empty.";
        }

        if (order.Command.Contains('\0', StringComparison.Ordinal))
        {
            return "command holds the character NUL.";
        }

        var length = Encoding.UTF8.GetByteCount(order.Command);
        return length > LongestCommand
            ? $"command is {length} bytes long, and a shell takes at most {LongestCommand}: put it into a script."
            : null;
    }

    private static string? CheckLog(FrameOrder order)
    {
        if ((CheckFileName("job_name", order.JobName) ?? CheckFileName("frame_name", order.FrameName)) is { } problem)
        {
            return problem;
        }

        if (!order.LogDirectory.StartsWith('/'))
        {
            return $"log_dir is '{order.LogDirectory}', which is no absolute path.";
        }

        if (order.LogDirectory.Length > LongestDirectory || order.LogDirectory.Any(char.IsControl))
        {
            return "log_dir is too long, or holds a control character.";
        }

        var name = Path.GetFileName(order.LogPath);
        return Encoding.UTF8.GetByteCount(name) > LongestFileName ? $"The log's name '{name}' is too long for a file." : null;
    }

    private static string? CheckFileName(string field, string name)
    {
        if (name.Length == 0)
        {
            return $"{field} is empty.";
        }

        return name.Contains('/', StringComparison.Ordinal) || name.Any(char.IsControl)
            ? $"{field} is '{name}', and the log cannot be named so."
            : null;
    }

    private static string? CheckEnvironment(FrameOrder order)
    {
        foreach (var (name, value) in order.Environment)
        {
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal))
            {
                return $"environment has a variable '{name}', and variables cannot be named so.";
            }

            if (value.Contains('\0', StringComparison.Ordinal))
            {
                return $"environment's variable {name} holds the character NUL.";
            }
        }
        return null;
    }
}
