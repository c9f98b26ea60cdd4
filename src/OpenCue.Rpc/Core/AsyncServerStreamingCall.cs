namespace Grpc.Core;

/// <summary>A call with one request and many responses.</summary>
/// <typeparam name="TResponse">The response message.</typeparam>
public sealed class AsyncServerStreamingCall<TResponse> : IDisposable
{
    private readonly AsyncCallState _state;

    /// <summary>Makes a call object from its parts.</summary>
    /// <param name="responseStream">The responses.</param>
    /// <param name="responseHeadersAsync">What came before the first response.</param>
    /// <param name="getStatusFunc">The status of an ended call.</param>
    /// <param name="getTrailersFunc">What came after the last response.</param>
    /// <param name="disposeAction">Gives the call up if it is in flight.</param>
    public AsyncServerStreamingCall(
        IAsyncStreamReader<TResponse> responseStream,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
    {
        ResponseStream = responseStream;
        _state = AsyncCallState.Of(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    /// <summary>Makes a call object from functions of one state object.</summary>
    /// <param name="responseStream">The responses.</param>
    /// <param name="responseHeadersAsync">What came before the first response.</param>
    /// <param name="getStatusFunc">The status of an ended call.</param>
    /// <param name="getTrailersFunc">What came after the last response.</param>
    /// <param name="disposeAction">Gives the call up if it is in flight.</param>
    /// <param name="state">Handed to each function.</param>
    public AsyncServerStreamingCall(
        IAsyncStreamReader<TResponse> responseStream,
        Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc,
        Func<object, Metadata> getTrailersFunc,
        Action<object> disposeAction,
        object state)
    {
        ResponseStream = responseStream;
        _state = new AsyncCallState(state, responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    /// <summary>The responses.</summary>
    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    /// <summary>What came before the first response.</summary>
    public Task<Metadata> ResponseHeadersAsync => _state.ResponseHeadersAsync();

    /// <summary>The status of the ended call.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Status GetStatus() => _state.GetStatus();

    /// <summary>What came after the last response.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Metadata GetTrailers() => _state.GetTrailers();

    /// <summary>Gives the call up if it is in flight.</summary>
    public void Dispose() => _state.Dispose();
}
