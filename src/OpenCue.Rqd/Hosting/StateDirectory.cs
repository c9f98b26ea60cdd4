using System.Text;
using Microsoft.Win32.SafeHandles;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Hosting;

/// <summary>Where an agent keeps what must outlive it. One agent at a time has it.</summary>
/// <remarks>
/// <c>lock</c> is held by the agent; <c>instance</c> names this state for ever; <c>journal</c> is what cuebot is owed; <c>runs/</c> has one file
/// for each run, which its supervisor works from.
/// </remarks>
internal sealed partial class StateDirectory : IDisposable
{
    private readonly SafeFileHandle _lock;
    private readonly ILogger<StateDirectory> _logger;

    private StateDirectory(string path, SafeFileHandle held, string instanceId, ILogger<StateDirectory> logger)
    {
        Path = path;
        _lock = held;
        InstanceId = instanceId;
        _logger = logger;
    }

    public string Path { get; }

    /// <summary>Made when the directory was: another one means that this host has forgotten its runs.</summary>
    public string InstanceId { get; }

    private string RunsPath => System.IO.Path.Combine(Path, "runs");

    public static string DefaultPath(string hostName) => Libc.EffectiveUserId() == 0
        ? $"/var/lib/opencue/rqd/{hostName}"
        : System.IO.Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
            ".local/state/opencue/rqd", hostName);

    /// <summary>Makes the directory if need be, and takes it.</summary>
    /// <exception cref="StartException">It cannot be used, or another agent has it.</exception>
    public static StateDirectory Open(string path, ILogger<StateDirectory> logger)
    {
        const UnixFileMode OnlyOwn = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        try
        {
            Directory.CreateDirectory(path, OnlyOwn);
            Directory.CreateDirectory(System.IO.Path.Combine(path, "runs"), OnlyOwn);
            Libc.SyncDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) ?? "/");
            var held = TakeLock(System.IO.Path.Combine(path, "lock"))
                ?? throw new StartException($"Another rqd is using the state directory {path}: stop it, or give this one its own with --state-dir.");
            return new StateDirectory(path, held, ReadOrMakeInstanceId(path), logger);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The state directory {path} cannot be used: {error.Message} Choose another with --state-dir.", error);
        }
    }

    public RunFile RunFileOf(string key) => new(System.IO.Path.Combine(RunsPath, key));

    /// <summary>Deletes run files that nothing is owed for any more: a crash fell between the last entry of the journal and the deletion.</summary>
    public void DeleteStrayRunFiles(IEnumerable<string> knownKeys)
    {
        var known = knownKeys.ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(RunsPath))
        {
            if (known.Contains(System.IO.Path.GetFileName(path)))
            {
                continue;
            }

            var file = new RunFile(path);
            using var held = file.TryLock();
            if (held is null)
            {
                LogUnknownRun(path);
            }
            else
            {
                file.Delete();
            }
        }
    }

    public void Dispose() => _lock.Dispose();

    private static SafeFileHandle? TakeLock(string path)
    {
        if (!File.Exists(path))
        {
            File.WriteAllBytes(path, []);
        }

        var file = Libc.OpenExisting(path)!;
        if (Libc.TryLock(file))
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    private static string ReadOrMakeInstanceId(string directory)
    {
        var path = System.IO.Path.Combine(directory, "instance");
        if (File.Exists(path) && Guid.TryParseExact(File.ReadAllText(path).Trim(), "D", out var known))
        {
            return known.ToString();
        }

        var made = Guid.NewGuid().ToString();
        using (var stream = new FileStream(path + ".new", FileMode.Create, FileAccess.Write))
        {
            stream.Write(Encoding.ASCII.GetBytes(made + "\n"));
            stream.Flush(flushToDisk: true);
        }
        File.Move(path + ".new", path, overwrite: true);
        Libc.SyncDirectory(directory);
        return made;
    }

    [LoggerMessage(EventId = 4300, Level = LogLevel.Error,
        Message = "A supervisor is at work on {Path}, of which the journal knows nothing: its frame runs on, unreported. Was the journal lost?")]
    private partial void LogUnknownRun(string path);
}
