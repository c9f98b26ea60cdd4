using OpenCue.Cuebot.Hosting.Options;
using OpenCue.Farm.Hosts;
using OpenCue.Rpc.Client;

namespace OpenCue.Cuebot.Launching;

/// <summary>Clients of the agents on the hosts. All share one pool of connections; a client that is not used for a while is forgotten.</summary>
internal sealed class AgentClients(CuebotOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _clients = [];
    private readonly RpcTransport _transport = new(new RpcTransportOptions { ConnectTimeout = TimeSpan.FromSeconds(5), IdleTimeout = Idle });
    private long _lastCleanUp = time.GetTimestamp();

    /// <summary>The client of a host's agent: at the address and port that it reported, else at the host's name and the farm's usual port.</summary>
    public Wire.RqdInterface.RqdInterfaceClient For(HostRow host)
    {
        var address = host.AgentAddress ?? host.Name;
        var key = $"{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}:{host.AgentPort ?? options.RqdPort}";
        lock (_gate)
        {
            var now = time.GetTimestamp();
            CleanUp(now);
            if (!_clients.TryGetValue(key, out var entry))
            {
                _clients.Add(key, entry = new Entry(new RpcChannel(key, new RpcChannelOptions { Transport = _transport, TimeProvider = time })));
            }

            entry.LastUsed = now;
            return entry.Client;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var entry in _clients.Values)
            {
                entry.Channel.Dispose();
            }

            _clients.Clear();
        }

        _transport.Dispose();
    }

    private void CleanUp(long now)
    {
        if (time.GetElapsedTime(_lastCleanUp, now) < Idle)
        {
            return;
        }

        // A call takes ten seconds at the most, so a channel that was not asked for in minutes carries none.
        _lastCleanUp = now;
        foreach (var (key, entry) in _clients.Where(c => time.GetElapsedTime(c.Value.LastUsed, now) >= Idle).ToArray())
        {
            _clients.Remove(key);
            entry.Channel.Dispose();
        }
    }

    private sealed class Entry(RpcChannel channel)
    {
        public RpcChannel Channel { get; } = channel;

        public Wire.RqdInterface.RqdInterfaceClient Client { get; } = new(channel);

        public long LastUsed { get; set; }
    }
}
