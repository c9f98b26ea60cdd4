using System.Net;
using System.Net.Sockets;

namespace OpenCue.EndToEnd.Support;

/// <summary>Free ports on the loopback address.</summary>
internal static class Ports
{
    /// <summary>A port that nobody uses now. It is below the range from which outgoing connections take theirs, so that none takes it meanwhile.</summary>
    public static int Free()
    {
        for (var tries = 0; tries < 1000; tries++)
        {
            var port = System.Security.Cryptography.RandomNumberGenerator.GetInt32(20_000, 32_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; try another.
            }
        }

        throw new InvalidOperationException("No free port between 20000 and 32000.");
    }
}
