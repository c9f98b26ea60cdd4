using System.Net;
using System.Net.Sockets;

namespace OpenCue.Cuebot.Hosting.Options;

/// <summary>
/// What can be found out before anything is started: ports that are taken, a folder that can't be written. So that nothing is half started, and a
/// person who starts the server sees all that is in the way at once.
/// </summary>
internal static class StartChecks
{
    /// <summary>Notes what is in the way.</summary>
    public static void Run(CuebotOptions options, List<string> problems)
    {
        CheckPort(options.Bind, options.Port, OptionTable.Port, problems);
        CheckPort(options.Bind, options.HttpPort, OptionTable.HttpPort, problems);
        if (options.DataDirectory is { } folder)
        {
            CheckFolder(folder, problems);
        }
    }

    private static void CheckPort(IPAddress address, int port, string option, List<string> problems)
    {
        if (port == 0)
        {
            return;
        }

        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
        }
        catch (SocketException e)
        {
            var problem = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"Port {port} on {address} is in use by another program; stop it, or give another --{option}.",
                SocketError.AccessDenied => $"Port {port} on {address} may not be opened by this user; give another --{option}.",
                SocketError.AddressNotAvailable => $"This machine has no address {address}; give one of its own to --{OptionTable.Bind}.",
                _ => $"Port {port} on {address} can't be opened: {e.Message}. Give another --{option}.",
            };
            if (!problems.Contains(problem))
            {
                problems.Add(problem);
            }
        }
    }

    private static void CheckFolder(string folder, List<string> problems)
    {
        try
        {
            if (File.Exists(folder))
            {
                problems.Add($"The data folder {folder} is a file; give a folder to --{OptionTable.Data}.");
                return;
            }

            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else if (!Directory.Exists(folder))
            {
                // Jobs' environments stand in the database: not for everybody to read.
                Directory.CreateDirectory(
                    folder,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
            }

            var probe = Path.Combine(folder, $".cuebot-{Environment.ProcessId}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problems.Add($"The data folder {folder} can't be written: {e.Message} Give another one to --{OptionTable.Data}, or change its permissions.");
        }
    }
}
