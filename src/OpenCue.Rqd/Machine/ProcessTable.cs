using System.Globalization;
using System.Text;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Machine;

/// <summary>All processes of the machine at one moment, read in one pass for all frames together.</summary>
internal sealed class ProcessTable
{
    private readonly Dictionary<int, ProcessSample> _byPid;
    private readonly ILookup<int, ProcessSample> _byParent;

    private ProcessTable(Dictionary<int, ProcessSample> byPid)
    {
        _byPid = byPid;
        _byParent = byPid.Values.ToLookup(process => process.Parent);
    }

    public IEnumerable<ProcessSample> All => _byPid.Values;

    public ProcessSample? Find(int pid) => _byPid.GetValueOrDefault(pid);

    /// <summary>The process itself, if it has not ended since (another may have got its id).</summary>
    public ProcessSample? Find(ProcessIdentity identity) => Find(identity.Pid) is { } found && found.Identity == identity ? found : null;

    /// <summary>All processes below one, without itself; none if it has ended.</summary>
    public IReadOnlyList<ProcessSample> Below(ProcessIdentity root)
    {
        if (Find(root) is null)
        {
            return [];
        }

        var found = new List<ProcessSample>(_byParent[root.Pid]);
        for (var next = 0; next < found.Count; next++)
        {
            found.AddRange(_byParent[found[next].Pid]);
        }

        return found;
    }

    public static ProcessTable Read(MachinePaths paths)
    {
        var processes = new Dictionary<int, ProcessSample>();
        Span<byte> buffer = stackalloc byte[1024];
        foreach (var directory in Directory.EnumerateDirectories(paths.Proc))
        {
            var name = Path.GetFileName(directory);
            if (!char.IsAsciiDigit(name[0]))
            {
                continue;
            }
            // A process that ended meanwhile is no longer there to be counted.
            var length = Libc.ReadProcFile(Path.Combine(directory, "stat"), buffer);
            if (length > 0 && Parse(buffer[..length]) is { } process)
            {
                processes[process.Pid] = process;
            }
        }
        return new ProcessTable(processes);
    }

    /// <summary>The identity of a process; null if it is gone.</summary>
    public static ProcessIdentity? FindIdentity(MachinePaths paths, int pid)
    {
        Span<byte> buffer = stackalloc byte[1024];
        var length = Libc.ReadProcFile(paths.InProc($"{pid.ToString(CultureInfo.InvariantCulture)}/stat"), buffer);
        return length > 0 ? Parse(buffer[..length])?.Identity : null;
    }

    /// <summary>One line of <c>/proc/*/stat</c>; null if it is not complete.</summary>
    /// <remarks>The name is the last thing in parentheses, and may itself hold blanks and parentheses.</remarks>
    public static ProcessSample? Parse(ReadOnlySpan<byte> stat)
    {
        const int Parent = 1, Session = 3, UserTime = 11, SystemTime = 12, StartTime = 19, VirtualSize = 20, ResidentPages = 21;
        var open = stat.IndexOf((byte)'(');
        var close = stat.LastIndexOf((byte)')');
        if (open < 1 || close < open)
        {
            return null;
        }

        var rest = Encoding.ASCII.GetString(stat[(close + 1)..]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (rest.Length <= ResidentPages || !int.TryParse(stat[..(open - 1)], CultureInfo.InvariantCulture, out var pid))
        {
            return null;
        }

        return new ProcessSample(
            new ProcessIdentity(pid, ulong.Parse(rest[StartTime], CultureInfo.InvariantCulture)),
            (int)Number(rest[Parent]),
            (int)Number(rest[Session]),
            rest[0][0],
            Encoding.UTF8.GetString(stat[(open + 1)..close]),
            Number(rest[UserTime]) + Number(rest[SystemTime]),
            (long)(ulong.Parse(rest[VirtualSize], CultureInfo.InvariantCulture) / 1024),
            Number(rest[ResidentPages]) * (Environment.SystemPageSize / 1024));
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
