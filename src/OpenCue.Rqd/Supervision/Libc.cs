using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenCue.Rqd.Supervision;

/// <summary>The few calls of the C library that .NET has no API for.</summary>
internal static unsafe partial class Libc
{
    public const int SigKill = 9;
    public const int SigTerm = 15;

    private const int OpenReadWrite = 2;
    private const int OpenDirectory = 0x10000;
    private const int OpenNoFollow = 0x20000;
    private const int OpenCloseOnExec = 0x80000;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int WouldBlock = 11;
    private const int NotFound = 2;
    private const int NoSuchProcess = 3;

    /// <summary>Opens a file without the lock that .NET takes on every file it opens; null if there is none.</summary>
    public static SafeFileHandle? OpenExisting(string path) => Open(path, OpenReadWrite | OpenNoFollow);

    /// <summary>Reads the start of a file under /proc, as far as the buffer goes; -1 if the process or the right to read it is gone.</summary>
    public static int ReadProcFile(string path, Span<byte> buffer)
    {
        var descriptor = OpenFile(path, OpenCloseOnExec, 0);
        if (descriptor < 0)
        {
            return -1;
        }

        using var file = new SafeFileHandle(descriptor, ownsHandle: true);
        var length = 0;
        fixed (byte* first = buffer)
        {
            // The kernel hands some of these files out in pieces.
            while (length < buffer.Length && Read(file, first + length, (nuint)(buffer.Length - length)) is > 0 and var count)
            {
                length += (int)count;
            }
        }
        return length == 0 ? -1 : length;
    }

    /// <summary>Takes the exclusive lock of a file if nobody has it. It goes with the last handle to this opening of the file.</summary>
    public static bool TryLock(SafeFileHandle file)
    {
        if (FLock(file, LockExclusive | LockNonBlocking) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == WouldBlock ? false : throw Failed("lock a file", error);
    }

    /// <summary>Makes the names in a directory durable: syncing a new or renamed file does not promise that its name survives.</summary>
    public static void SyncDirectory(string path)
    {
        using var directory = Open(path, OpenDirectory) ?? throw new DirectoryNotFoundException($"The directory {path} does not exist.");
        if (FSync(directory) != 0)
        {
            throw Failed($"sync the directory {path}", Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Signals one process; false if it is gone. Ids below 1, which would mean whole groups, are refused.</summary>
    public static bool Kill(int pid, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pid, 1);
        if (KillProcess(pid, signal) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw Failed($"send signal {signal} to process {pid}", error);
    }

    public static uint EffectiveUserId() => GetEUid();

    public static uint EffectiveGroupId() => GetEGid();

    /// <summary>An account by id, from wherever the machine keeps its accounts (files, LDAP ...); null if there is none.</summary>
    public static UserAccount? FindUser(uint uid) =>
        FindUser((user, buffer, length, result) => GetPwUid(uid, user, buffer, length, result), $"user {uid}");

    /// <summary>An account by name; null if there is none.</summary>
    public static UserAccount? FindUser(string name) =>
        FindUser((user, buffer, length, result) => GetPwNam(name, user, buffer, length, result), $"user {name}");

    /// <summary>All groups of a user, the given one included.</summary>
    public static uint[] GroupsOf(string name, uint gid)
    {
        for (var capacity = 64; ; capacity *= 4)
        {
            var groups = new uint[capacity];
            var count = capacity;
            fixed (uint* first = groups)
            {
                if (GetGroupList(name, gid, first, ref count) >= 0)
                {
                    return groups[..count];
                }
            }
        }
    }

    private delegate int FindPasswd(Passwd* user, byte* buffer, nuint length, Passwd** result);

    private static UserAccount? FindUser(FindPasswd find, string what)
    {
        const int OutOfRange = 34;
        for (var length = 4096; ; length *= 4)
        {
            var buffer = new byte[length];
            fixed (byte* memory = buffer)
            {
                Passwd user;
                Passwd* result;
                var error = find(&user, memory, (nuint)length, &result);
                if (error == OutOfRange)
                {
                    continue;
                }

                if (result is null)
                {
                    return error is 0 or NotFound or NoSuchProcess ? null : throw Failed($"look up {what}", error);
                }

                return new UserAccount(Text(user.Name), user.Uid, user.Gid, Text(user.Home));
            }
        }
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    private static SafeFileHandle? Open(string path, int flags)
    {
        var handle = OpenFile(path, flags | OpenCloseOnExec, 0);
        if (handle >= 0)
        {
            return new SafeFileHandle(handle, ownsHandle: true);
        }

        var error = Marshal.GetLastPInvokeError();
        return error == NotFound ? null : throw Failed($"open {path}", error);
    }

    private static IOException Failed(string what, int error) => new($"Cannot {what}: {new Win32Exception(error).Message}.");

    [StructLayout(LayoutKind.Sequential)]
    private struct Passwd
    {
        public byte* Name;
        public byte* Password;
        public uint Uid;
        public uint Gid;
        public byte* Gecos;
        public byte* Home;
        public byte* Shell;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle file, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillProcess(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEUid();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEGid();

    [LibraryImport("libc", EntryPoint = "getpwuid_r")]
    private static partial int GetPwUid(uint uid, Passwd* user, byte* buffer, nuint length, Passwd** result);

    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetPwNam(string name, Passwd* user, byte* buffer, nuint length, Passwd** result);

    [LibraryImport("libc", EntryPoint = "getgrouplist", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetGroupList(string name, uint gid, uint* groups, ref int count);
}
