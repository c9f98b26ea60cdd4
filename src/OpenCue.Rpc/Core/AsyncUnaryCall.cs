using System.Runtime.CompilerServices;

namespace Grpc.Core;

/// <summary>A call with one request and one response, in flight or ended. It can be awaited.</summary>
/// <typeparam name="TResponse">The response message.</typeparam>
public sealed class AsyncUnaryCall<TResponse> : IDisposable
{
    private readonly AsyncCallState _state;

    /// <summary>Makes a call object from its parts.</summary>
    /// <param name="responseAsync">The response.</param>
    /// <param name="responseHeadersAsync">What came before the response.</param>
    /// <param name="getStatusFunc">The status of an ended call.</param>
    /// <param name="getTrailersFunc">What came after the response.</param>
    /// <param name="disposeAction">Gives the call up if it is in flight.</param>
    public AsyncUnaryCall(
        Task<TResponse> responseAsync,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
    {
        ResponseAsync = responseAsync;
        _state = AsyncCallState.Of(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    /// <summary>Makes a call object from functions of one state object.</summary>
    /// <param name="responseAsync">The response.</param>
    /// <param name="responseHeadersAsync">What came before the response.</param>
    /// <param name="getStatusFunc">The status of an ended call.</param>
    /// <param name="getTrailersFunc">What came after the response.</param>
    /// <param name="disposeAction">Gives the call up if it is in flight.</param>
    /// <param name="state">Handed to each function.</param>
    public AsyncUnaryCall(
        Task<TResponse> responseAsync,
        Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc,
        Func<object, Metadata> getTrailersFunc,
        Action<object> disposeAction,
        object state)
    {
        ResponseAsync = responseAsync;
        _state = new AsyncCallState(state, responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    /// <summary>The response; it fails with <see cref="RpcException"/> when the status is not OK.</summary>
    public Task<TResponse> ResponseAsync { get; }

    /// <summary>What came before the response.</summary>
    public Task<Metadata> ResponseHeadersAsync => _state.ResponseHeadersAsync();

    /// <summary>Lets the call be awaited like its response.</summary>
    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();

    /// <summary>Lets the call be awaited like its response.</summary>
    /// <param name="continueOnCapturedContext">As of <see cref="Task.ConfigureAwait(bool)"/>.</param>
    public ConfiguredTaskAwaitable<TResponse> ConfigureAwait(bool continueOnCapturedContext) =>
        ResponseAsync.ConfigureAwait(continueOnCapturedContext);

    /// <summary>The status of the ended call.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Status GetStatus() => _state.GetStatus();

    /// <summary>What came after the response.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Metadata GetTrailers() => _state.GetTrailers();

    /// <summary>Gives the call up if it is in flight.</summary>
    public void Dispose() => _state.Dispose();
}
