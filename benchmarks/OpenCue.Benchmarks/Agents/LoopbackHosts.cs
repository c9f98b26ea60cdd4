using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace OpenCue.Benchmarks.Agents;

/// <summary>
/// Gives each of thousands of hosts an address of its own, of those that all mean this machine (127.0.0.0/8), and has one web server listen on all of
/// them. Whoever calls a host makes a connection to it, as to a real one.
/// </summary>
internal static class LoopbackHosts
{
    private const int PerNet = 250;
    private const int SocketLevel = 1;
    private const int BindToDevice = 25;

    /// <summary>The address of a host, by its number.</summary>
    public static string Address(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"127.{1 + (number / (PerNet * PerNet))}.{number / PerNet % PerNet}.{1 + (number % PerNet)}");

    /// <summary>A socket on all addresses of the loopback device, and of no other one: nothing outside of this machine reaches it.</summary>
    public static Socket Listen(EndPoint endPoint)
    {
        if (endPoint is not IPEndPoint { Port: var port })
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        }

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetRawSocketOption(SocketLevel, BindToDevice, "lo\0"u8);
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        return socket;
    }
}
