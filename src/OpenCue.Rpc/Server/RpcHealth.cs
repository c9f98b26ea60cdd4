namespace OpenCue.Rpc.Server;

/// <summary>
/// What <c>grpc.health.v1.Health</c> says. The server as a whole, the empty name, is serving from the start unless set
/// otherwise; once the server stops, nothing is serving any more.
/// </summary>
/// <param name="server">Tells when the server stops.</param>
public sealed class RpcHealth(RpcServer server)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RpcServingStatus> _statuses = new(StringComparer.Ordinal) { [""] = RpcServingStatus.Serving };
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Sets what is said of a service.</summary>
    /// <param name="service">The service with its package; the empty name is the server as a whole.</param>
    /// <param name="status">What to say from now on.</param>
    public void Set(string service, RpcServingStatus status)
    {
        ArgumentNullException.ThrowIfNull(service);
        TaskCompletionSource changed;
        lock (_gate)
        {
            _statuses[service] = status;
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    /// <summary>What is said of a service; null when nothing is known of it.</summary>
    /// <param name="service">The service with its package; the empty name is the server as a whole.</param>
    public RpcServingStatus? Find(string service)
    {
        lock (_gate)
        {
            return !_statuses.TryGetValue(service, out var status) ? null
                : server.Stopping.IsCancellationRequested ? RpcServingStatus.NotServing
                : status;
        }
    }

    /// <summary>All that is said.</summary>
    internal IReadOnlyDictionary<string, RpcServingStatus> All()
    {
        lock (_gate)
        {
            return _statuses.Keys.ToDictionary(service => service, service => Find(service)!.Value, StringComparer.Ordinal);
        }
    }

    /// <summary>Ends with the next <see cref="Set"/> after this call.</summary>
    internal Task Changed()
    {
        lock (_gate)
        {
            return _changed.Task;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
