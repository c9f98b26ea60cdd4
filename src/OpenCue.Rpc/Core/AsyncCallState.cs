namespace Grpc.Core;

/// <summary>What the four call objects ask of the call behind them: functions of one state object, so that a call needs no closures.</summary>
internal readonly struct AsyncCallState(
    object state,
    Func<object, Task<Metadata>> responseHeadersAsync,
    Func<object, Status> getStatus,
    Func<object, Metadata> getTrailers,
    Action<object> dispose)
{
    public static AsyncCallState Of(
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatus,
        Func<Metadata> getTrailers,
        Action dispose)
    {
        var parts = new Parts(responseHeadersAsync, getStatus, getTrailers, dispose);
        return new AsyncCallState(
            parts,
            static state => ((Parts)state).ResponseHeadersAsync,
            static state => ((Parts)state).GetStatus(),
            static state => ((Parts)state).GetTrailers(),
            static state => ((Parts)state).Dispose());
    }

    public Task<Metadata> ResponseHeadersAsync() => responseHeadersAsync(state);

    public Status GetStatus() => getStatus(state);

    public Metadata GetTrailers() => getTrailers(state);

    public void Dispose() => dispose(state);

    private sealed record Parts(
        Task<Metadata> ResponseHeadersAsync,
        Func<Status> GetStatus,
        Func<Metadata> GetTrailers,
        Action Dispose);
}
