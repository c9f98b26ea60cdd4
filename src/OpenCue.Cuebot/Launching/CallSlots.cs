namespace OpenCue.Cuebot.Launching;

/// <summary>Bounds how many calls are under way: to one host, and altogether.</summary>
internal sealed class CallSlots(int perHost, int launches, int others) : IDisposable
{
    private readonly Dictionary<EntityId, HostSlots> _hosts = [];
    private readonly SemaphoreSlim _launches = new(launches);
    private readonly SemaphoreSlim _others = new(others);

    /// <summary>Waits for a place, first at the host, so that a host with many calls takes no place from others.</summary>
    public async Task<Slot> TakeAsync(EntityId host, bool isLaunch, CancellationToken stop)
    {
        var slots = Join(host);
        try
        {
            await slots.Places.WaitAsync(stop);
        }
        catch
        {
            Leave(host, slots);
            throw;
        }

        var all = isLaunch ? _launches : _others;
        try
        {
            await all.WaitAsync(stop);
        }
        catch
        {
            slots.Places.Release();
            Leave(host, slots);
            throw;
        }

        return new Slot(this, host, slots, all);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _launches.Dispose();
        _others.Dispose();
    }

    private HostSlots Join(EntityId host)
    {
        lock (_hosts)
        {
            if (!_hosts.TryGetValue(host, out var slots))
            {
                _hosts.Add(host, slots = new HostSlots(perHost));
            }

            slots.Users++;
            return slots;
        }
    }

    private void Leave(EntityId host, HostSlots slots)
    {
        lock (_hosts)
        {
            if (--slots.Users == 0)
            {
                _hosts.Remove(host);
                slots.Places.Dispose();
            }
        }
    }

    internal sealed class HostSlots(int places)
    {
        public SemaphoreSlim Places { get; } = new(places);

        public int Users { get; set; }
    }

    /// <summary>A place that is taken.</summary>
    internal readonly struct Slot(CallSlots owner, EntityId host, HostSlots slots, SemaphoreSlim all) : IDisposable
    {
        /// <summary>Gives it back.</summary>
        public void Dispose()
        {
            all.Release();
            slots.Places.Release();
            owner.Leave(host, slots);
        }
    }
}
