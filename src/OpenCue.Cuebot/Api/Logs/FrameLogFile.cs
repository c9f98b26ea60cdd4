using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenCue.Cuebot.Api.Logs;

/// <summary>
/// Opens frames' logs for reading. Frames write their logs as the jobs' users, who could put anything in place of them: so a log is opened without
/// following a link, without waiting for the other end of a pipe, and only if it really lies below the root of the logs.
/// </summary>
internal static partial class FrameLogFile
{
    // Linux on x64 and arm64 differ in two of these.
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int LongestPath = 4096;

    private static int NoFollow => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>Opens a log.</summary>
    /// <param name="path">The log.</param>
    /// <param name="root">The folder below which it must really be.</param>
    /// <exception cref="FarmException">It is not there, can't be read, or is no plain file below the root.</exception>
    public static SafeFileHandle Open(string path, string root)
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? OpenOnLinux(path, root)
                : File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw FarmException.Precondition($"There is no log {path} on the machine of this server: the frame has not run yet, or the logs lie elsewhere.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw FarmException.Precondition($"The log {path} can't be read on the machine of this server: {e.Message}");
        }
    }

    private static SafeFileHandle OpenOnLinux(string path, string root)
    {
        var descriptor = OpenFile(path, ReadOnly | NonBlocking | CloseOnExec | NoFollow);
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw error is 2 or 20 ? new FileNotFoundException() : new Win32Exception(error);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            if (RealPath(root) is not { } realRoot
                || OpenedPath(descriptor) is not { } opened
                || !opened.StartsWith(realRoot.TrimEnd('/') + "/", StringComparison.Ordinal))
            {
                throw new UnauthorizedAccessException($"it does not really lie below {root}.");
            }

            // Throws for a pipe or a device; a folder can be opened but not read.
            _ = RandomAccess.GetLength(handle);
            return handle;
        }
        catch (NotSupportedException)
        {
            handle.Dispose();
            throw new UnauthorizedAccessException("it is no plain file.");
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Where an open file really lies.</summary>
    private static string? OpenedPath(int descriptor) => File.ResolveLinkTarget($"/proc/self/fd/{descriptor}", returnFinalTarget: false)?.FullName;

    private static unsafe string? RealPath(string path)
    {
        Span<byte> buffer = stackalloc byte[LongestPath];
        fixed (byte* target = buffer)
        {
            return ResolvePath(path, target) == 0 ? null : Marshal.PtrToStringUTF8((nint)target);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [SuppressMessage("Security", "CA5392", Justification = "libc is always loaded.")]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [SuppressMessage("Security", "CA5392", Justification = "libc is always loaded.")]
    private static unsafe partial nint ResolvePath(string path, byte* resolved);
}
