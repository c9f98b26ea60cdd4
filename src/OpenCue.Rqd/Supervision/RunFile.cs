using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using OpenCue.Rqd.Machine;

namespace OpenCue.Rqd.Supervision;

/// <summary>The agent's side of the file that a run's supervisor works from. <c>Native/run_file.h</c> describes the layout.</summary>
/// <remarks>
/// Never open it with a .NET stream: .NET locks what it opens, and the lock of this file says whether the supervisor lives.
/// </remarks>
internal sealed class RunFile(string path)
{
    private const int SlotLength = 512;
    private const int StartedSlot = 512;
    private const int EndedSlot = 1024;
    private const int KillSlot = 1536;
    private const int UsageSlot = 2048;
    private const int LaunchText = 2560;

    public string Path => path;

    public bool Exists => File.Exists(path);

    /// <summary>Writes the file under its name in one step, so that a supervisor never sees half of it.</summary>
    public void Create(LaunchPlan plan)
    {
        var temporary = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.None,
            // The environment of a job may hold passwords.
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(Encode(plan));
        }
        File.Move(temporary, path);
    }

    public void Delete() => File.Delete(path);

    /// <summary>Null if the frame has not started, or if that cannot be read: a power cut may have torn it.</summary>
    public SupervisorStart? ReadStarted() => ReadSlot(StartedSlot) is { } text ? Parse(text, ParseStarted) : null;

    /// <summary>Null if the frame has not ended, or if that cannot be read.</summary>
    public SupervisorEnd? ReadEnded() => ReadSlot(EndedSlot) is { } text ? Parse(text, ParseEnded) : null;

    /// <summary>
    /// Stores, in place of a supervisor, that the frame was never started. Only for who holds the lock: a supervisor that comes late
    /// finds the run over, and leaves.
    /// </summary>
    public void WriteNeverStarted(string why, DateTimeOffset now)
    {
        WriteSlot(EndedSlot, string.Create(CultureInfo.InvariantCulture, $"failed 0 {now.ToUnixTimeMilliseconds()} 0 0 0 0 {why}"));
        using var file = Open();
        RandomAccess.FlushToDisk(file);
    }

    public string? ReadKillReason() => ReadSlot(KillSlot);

    /// <summary>Notes why the frame is ordered to die. Has to come before the signal: the supervisor looks for it.</summary>
    public void WriteKillReason(string reason) => WriteSlot(KillSlot, reason);

    /// <summary>The peak memory that <see cref="WritePeakMemory"/> noted last; 0 if it never did, or if that cannot be read.</summary>
    public (long RssKib, long PssKib, long VsizeKib) ReadPeakMemory() =>
        ReadSlot(UsageSlot)?.Split(' ') is [var first, var second, var third]
        && long.TryParse(first, CultureInfo.InvariantCulture, out var rss)
        && long.TryParse(second, CultureInfo.InvariantCulture, out var pss)
        && long.TryParse(third, CultureInfo.InvariantCulture, out var vsize)
            ? (rss, pss, vsize)
            : default;

    public void WritePeakMemory(long rssKib, long pssKib, long vsizeKib) =>
        WriteSlot(UsageSlot, string.Create(CultureInfo.InvariantCulture, $"{rssKib} {pssKib} {vsizeKib}"));

    /// <summary>Takes the lock that a living supervisor holds. While the result is kept, none can start. Null: one lives.</summary>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    public SafeFileHandle? TryLock()
    {
        var file = Open();
        if (Libc.TryLock(file))
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    private static T? Parse<T>(string text, Func<string, T?> parse)
        where T : class
    {
        try
        {
            return parse(text);
        }
        catch (Exception error) when (error is FormatException or OverflowException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static SupervisorStart? ParseStarted(string text) => text.Split(' ') is [var supervisor, var its, var main, var mains, var at]
        ? new SupervisorStart(Process(supervisor, its), Process(main, mains), UnixTime(at))
        : null;

    private static SupervisorEnd? ParseEnded(string text)
    {
        if (text.Split(' ', 8) is not [var kind, var value, var at, var ran, var user, var system, var maxRss, var message])
        {
            return null;
        }

        SupervisorEndKind? known = kind switch
        {
            "exit" => SupervisorEndKind.Exit,
            "signal" => SupervisorEndKind.Signal,
            "failed" => SupervisorEndKind.Failed,
            _ => null,
        };
        return known is null
            ? null
            : new SupervisorEnd(known.Value, int.Parse(value, CultureInfo.InvariantCulture), UnixTime(at), Milliseconds(ran), Milliseconds(user),
                Milliseconds(system), Number(maxRss), message);
    }

    private static byte[] Encode(LaunchPlan plan)
    {
        var text = new StringBuilder();
        if (plan.RunAs is { } identity)
        {
            Add('u', Text(identity.Uid));
            Add('g', Text(identity.Gid));
            Add('G', string.Join(',', identity.Groups));
        }
        Add('m', Convert.ToString(plan.Umask, toBase: 8));
        Add('n', Text(plan.Nice));
        Add('f', Text(plan.OpenFiles));
        if (!plan.Processors.IsEmpty)
        {
            Add('a', string.Join(',', plan.Processors));
        }

        Add('k', Text((long)plan.KillGrace.TotalMilliseconds));
        Add('w', plan.Directory);
        Add('l', plan.LogPath);
        Add('r', Text(plan.LogRotations));
        Add('h', plan.LogHeader);
        Add('s', plan.Shell);
        Add('c', plan.Command);
        foreach (var (name, value) in plan.Environment)
        {
            Add('e', $"{name}={value}");
        }

        text.Append('\0');

        var launch = Encoding.UTF8.GetBytes(text.ToString());
        var bytes = new byte[LaunchText + launch.Length];
        "OpenCue run 1\n"u8.CopyTo(bytes);
        launch.CopyTo(bytes, LaunchText);
        return bytes;

        void Add(char kind, string value)
        {
            if (value.Contains('\0', StringComparison.Ordinal))
            {
                throw new ArgumentException($"A launch plan cannot hold the character NUL, and its entry '{kind}' does.", nameof(plan));
            }

            text.Append(kind).Append(value).Append('\0');
        }
    }

    private string? ReadSlot(int offset)
    {
        using var file = Libc.OpenExisting(path);
        if (file is null)
        {
            return null;
        }

        var slot = new byte[SlotLength];
        var length = RandomAccess.Read(file, slot, offset);
        var end = slot.AsSpan(0, length).IndexOf((byte)'\n');
        return length == 0 || slot[0] == 0 || end < 0 ? null : Encoding.UTF8.GetString(slot, 0, end);
    }

    private void WriteSlot(int offset, string text)
    {
        var slot = new byte[SlotLength];
        var line = text.ReplaceLineEndings(" ").Replace('\0', ' ');
        Encoding.UTF8.GetEncoder().Convert(line, slot.AsSpan(0, SlotLength - 2), flush: true, out _, out var length, out _);
        slot[length] = (byte)'\n';
        using var file = Open();
        RandomAccess.Write(file, slot, offset);
    }

    private SafeFileHandle Open() => Libc.OpenExisting(path) ?? throw new FileNotFoundException($"The run file {path} is gone.", path);

    private static ProcessIdentity Process(string pid, string startTick) =>
        new(int.Parse(pid, CultureInfo.InvariantCulture), ulong.Parse(startTick, CultureInfo.InvariantCulture));

    private static DateTimeOffset UnixTime(string text) => DateTimeOffset.FromUnixTimeMilliseconds(Number(text));

    private static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(Number(text));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
