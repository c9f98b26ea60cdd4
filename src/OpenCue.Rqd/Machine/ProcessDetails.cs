using System.Globalization;
using System.Text;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Machine;

/// <summary>What has to be asked of each process on its own, and so is asked only for those of frames.</summary>
internal static class ProcessDetails
{
    private const int LongestCommandLine = 4096;

    /// <summary>Program and arguments, blanks between them; empty if the process is gone.</summary>
    public static string ReadCommandLine(MachinePaths paths, int pid)
    {
        Span<byte> buffer = stackalloc byte[LongestCommandLine];
        var length = Libc.ReadProcFile(File(paths, pid, "cmdline"), buffer);
        return length < 0 ? "" : Encoding.UTF8.GetString(buffer[..length].TrimEnd((byte)0)).Replace('\0', ' ');
    }

    /// <summary>Swapped-out memory; 0 if the process is gone.</summary>
    public static long ReadSwapKib(MachinePaths paths, int pid) => ReadKib(File(paths, pid, "status"), "VmSwap:") ?? 0;

    /// <summary>
    /// Resident memory with each shared page divided by the number of its users; null if the kernel does not tell.
    /// Costs the kernel a walk through all pages of the process.
    /// </summary>
    public static long? ReadPssKib(MachinePaths paths, int pid) => ReadKib(File(paths, pid, "smaps_rollup"), "Pss:");

    /// <summary>Whether the process was started with this variable; false if that cannot be read.</summary>
    public static bool HasVariable(MachinePaths paths, int pid, string assignment)
    {
        var buffer = new byte[256 * 1024];
        var length = Libc.ReadProcFile(File(paths, pid, "environ"), buffer);
        return length > 0 && Encoding.UTF8.GetString(buffer, 0, length).Split('\0').Contains(assignment, StringComparer.Ordinal);
    }

    private static long? ReadKib(string path, string label)
    {
        Span<byte> buffer = stackalloc byte[4096];
        var length = Libc.ReadProcFile(path, buffer);
        if (length < 0)
        {
            return null;
        }

        foreach (var line in Encoding.ASCII.GetString(buffer[..length]).Split('\n'))
        {
            if (line.StartsWith(label, StringComparison.Ordinal)
                && long.TryParse(line.AsSpan(label.Length).Trim().TrimEnd("kB"), CultureInfo.InvariantCulture, out var value))
            {
                return value;
            }
        }
        return null;
    }

    private static string File(MachinePaths paths, int pid, string name) =>
        paths.InProc($"{pid.ToString(CultureInfo.InvariantCulture)}/{name}");
}
