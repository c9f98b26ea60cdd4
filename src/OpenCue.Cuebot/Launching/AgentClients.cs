using System.Collections.Concurrent;
using System.Globalization;
using OpenCue.Rpc.Client;

namespace OpenCue.Cuebot.Launching;

/// <summary>Clients of the hosts' agents. They share connections, which close when they are not used; a client that rests for long is forgotten.</summary>
internal sealed class AgentClients : IAgentClients, IDisposable
{
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly RpcTransport _transport = new(new RpcTransportOptions
    {
        // A host that is off must not hold up a launch for the whole of its deadline: not being reached is a definite answer.
        ConnectTimeout = TimeSpan.FromSeconds(4),
    });

    private readonly int _usualPort;
    private readonly TimeProvider _time;
    private long _cleanedAt;

    /// <summary>Clients that call the port <paramref name="usualPort"/> where an agent did not say another one.</summary>
    public AgentClients(int usualPort, TimeProvider time)
    {
        (_usualPort, _time) = (usualPort, time);
        _cleanedAt = time.GetTimestamp();
    }

    /// <summary>Number of clients kept.</summary>
    public int Count => _entries.Count;

    /// <inheritdoc/>
    public Wire.RqdInterface.RqdInterfaceClient For(AgentPlace place)
    {
        CleanUp();
        var addresses = Addresses(place);
        var entry = _entries.GetOrAdd(
            string.Join(',', addresses),
            static (_, made) => new Entry(new RpcChannel(made.addresses, new RpcChannelOptions { Transport = made._transport, TimeProvider = made._time })),
            (addresses, _transport, _time));
        entry.UsedAt = _time.GetTimestamp();
        return entry.Client;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var entry in _entries.Values)
        {
            entry.Channel.Dispose();
        }

        _transport.Dispose();
    }

    /// <summary>The address that the agent gave; else the short name, as OpenCue calls it, and the full one where that can't be reached.</summary>
    private string[] Addresses(AgentPlace place)
    {
        var port = (place.Port ?? _usualPort).ToString(CultureInfo.InvariantCulture);
        if (place.Address is { } address)
        {
            return [At(address, port)];
        }

        return place.Fqdn.Length == 0 || string.Equals(place.Fqdn, place.Host, StringComparison.OrdinalIgnoreCase)
            ? [At(place.Host, port)]
            : [At(place.Host, port), At(place.Fqdn, port)];
    }

    private static string At(string name, string port) => name.Contains(':', StringComparison.Ordinal) ? $"[{name}]:{port}" : $"{name}:{port}";

    private void CleanUp()
    {
        var last = Volatile.Read(ref _cleanedAt);
        if (_time.GetElapsedTime(last) < KeepFor || Interlocked.CompareExchange(ref _cleanedAt, _time.GetTimestamp(), last) != last)
        {
            return;
        }

        foreach (var (key, entry) in _entries)
        {
            // Closing a channel gives up its calls, so one that may have any is left alone: calls are over long before.
            if (_time.GetElapsedTime(entry.UsedAt) > KeepFor && _entries.TryRemove(key, out _))
            {
                entry.Channel.Dispose();
            }
        }
    }

    private sealed class Entry(RpcChannel channel)
    {
        private long _usedAt;

        public RpcChannel Channel { get; } = channel;

        public Wire.RqdInterface.RqdInterfaceClient Client { get; } = new(channel);

        public long UsedAt
        {
            get => Volatile.Read(ref _usedAt);
            set => Volatile.Write(ref _usedAt, value);
        }
    }
}
