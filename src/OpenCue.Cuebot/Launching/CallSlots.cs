namespace OpenCue.Cuebot.Launching;

/// <summary>Bounds how many calls are under way: to one host, and altogether. Who waits gets a place in the order of asking.</summary>
internal sealed class CallSlots(int perHost, int launches, int others)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<EntityId, Places> _hosts = [];
    private readonly Places _launches = new(launches);
    private readonly Places _others = new(others);

    /// <summary>Waits for a place, first at the host, so that a host with many calls takes no place from others.</summary>
    public async Task<Slot> TakeAsync(EntityId host, bool isLaunch, CancellationToken stop)
    {
        Places atHost;
        lock (_lock)
        {
            if (!_hosts.TryGetValue(host, out atHost!))
            {
                _hosts.Add(host, atHost = new Places(perHost));
            }

            atHost.Users++;
        }

        var inAll = isLaunch ? _launches : _others;
        try
        {
            await EnterAsync(atHost, stop);
            try
            {
                await EnterAsync(inAll, stop);
            }
            catch
            {
                Exit(atHost);
                throw;
            }
        }
        catch
        {
            Leave(host, atHost);
            throw;
        }

        return new Slot(this, host, atHost, inAll);
    }

    private async ValueTask EnterAsync(Places places, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (places.Free > 0)
            {
                places.Free--;
                return;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            places.Waiting.Enqueue(turn);
        }

        // One that was given a place at the moment of the stop has it, and gives it back like any other.
        await using var stopped = stop.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), turn);
        await turn.Task;
    }

    private void Exit(Places places)
    {
        lock (_lock)
        {
            while (places.Waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            places.Free++;
        }
    }

    private void Leave(EntityId host, Places atHost)
    {
        lock (_lock)
        {
            if (--atHost.Users == 0)
            {
                _hosts.Remove(host);
            }
        }
    }

    internal sealed class Places(int count)
    {
        public int Free { get; set; } = count;

        public int Users { get; set; }

        public Queue<TaskCompletionSource> Waiting { get; } = [];
    }

    /// <summary>A place that is taken.</summary>
    internal readonly struct Slot(CallSlots owner, EntityId host, Places atHost, Places inAll) : IDisposable
    {
        /// <summary>Gives it back.</summary>
        public void Dispose()
        {
            owner.Exit(inAll);
            owner.Exit(atHost);
            owner.Leave(host, atHost);
        }
    }
}
