using OpenCue.Farm.Changes;

namespace OpenCue.Cuebot.Launching;

/// <summary>
/// The order of calls: those about one frame on one host go one after the other, as they were asked for, so that a kill can't overtake its launch. Beyond
/// that they go in parallel, bounded for each host and altogether.
/// </summary>
internal sealed class CallLanes(Func<Effect, Task> carryOut, int perHost, int altogether)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(EntityId Host, EntityId Frame), Queue<Effect>> _lanes = [];
    private readonly Dictionary<EntityId, HostCalls> _hosts = [];
    private readonly Queue<HostCalls> _waiting = new();
    private TaskCompletionSource? _idle;
    private int _active;
    private int _queued;
    private bool _stopped;

    /// <summary>Calls that wait for their turn.</summary>
    public int Queued
    {
        get
        {
            lock (_gate)
            {
                return _queued;
            }
        }
    }

    /// <summary>Takes a call; it is made when its turn comes.</summary>
    public void Add(Effect effect)
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            var key = (effect.Host, effect.Frame);
            _queued++;
            if (_lanes.TryGetValue(key, out var lane))
            {
                lane.Enqueue(effect);
                return;
            }

            lane = new Queue<Effect>([effect]);
            _lanes.Add(key, lane);
            if (!_hosts.TryGetValue(effect.Host, out var host))
            {
                _hosts.Add(effect.Host, host = new HostCalls(effect.Host));
            }

            host.Ready.Enqueue(key);
            Start(host);
        }
    }

    /// <summary>Starts no call any more, and completes when those under way have ended.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _stopped = true;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_active == 0)
            {
                _idle.TrySetResult();
            }

            return _idle.Task;
        }
    }

    private void Start(HostCalls host)
    {
        while (!_stopped && host.Active < perHost && host.Ready.Count > 0)
        {
            if (_active == altogether)
            {
                if (!host.IsWaiting)
                {
                    host.IsWaiting = true;
                    _waiting.Enqueue(host);
                }

                return;
            }

            var key = host.Ready.Dequeue();
            host.Active++;
            _active++;
            _queued--;
            _ = Task.Run(() => RunAsync(host, key, _lanes[key].Peek()));
        }
    }

    private async Task RunAsync(HostCalls host, (EntityId Host, EntityId Frame) key, Effect effect)
    {
        try
        {
            await carryOut(effect);
        }
        finally
        {
            lock (_gate)
            {
                Finish(host, key);
            }
        }
    }

    private void Finish(HostCalls host, (EntityId Host, EntityId Frame) key)
    {
        host.Active--;
        _active--;
        var lane = _lanes[key];
        lane.Dequeue();
        if (lane.Count > 0)
        {
            host.Ready.Enqueue(key);
        }
        else
        {
            _lanes.Remove(key);
        }

        // Hosts that wait for the common bound go before this one takes its place again.
        while (_waiting.Count > 0 && _active < altogether)
        {
            var next = _waiting.Dequeue();
            next.IsWaiting = false;
            Start(next);
        }

        Start(host);
        if (host.Active == 0 && host.Ready.Count == 0)
        {
            _hosts.Remove(host.Id);
        }

        if (_active == 0)
        {
            _idle?.TrySetResult();
        }
    }

    private sealed class HostCalls(EntityId id)
    {
        public EntityId Id { get; } = id;

        public Queue<(EntityId Host, EntityId Frame)> Ready { get; } = new();

        public int Active { get; set; }

        public bool IsWaiting { get; set; }
    }
}
