using System.Runtime.CompilerServices;

namespace Grpc.Core;

/// <summary>A call with many requests and one response. It can be awaited.</summary>
/// <typeparam name="TRequest">The request message.</typeparam>
/// <typeparam name="TResponse">The response message.</typeparam>
public sealed class AsyncClientStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly AsyncCallState _state;

    /// <summary>Makes a call object from its parts.</summary>
    /// <param name="requestStream">Where the requests go.</param>
    /// <param name="responseAsync">The response.</param>
    /// <param name="responseHeadersAsync">What came before the response.</param>
    /// <param name="getStatusFunc">The status of an ended call.</param>
    /// <param name="getTrailersFunc">What came after the response.</param>
    /// <param name="disposeAction">Gives the call up if it is in flight.</param>
    public AsyncClientStreamingCall(
        IClientStreamWriter<TRequest> requestStream,
        Task<TResponse> responseAsync,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
    {
        RequestStream = requestStream;
        ResponseAsync = responseAsync;
        _state = AsyncCallState.Of(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    /// <summary>Where the requests go.</summary>
    public IClientStreamWriter<TRequest> RequestStream { get; }

    /// <summary>The response; it fails with <see cref="RpcException"/> when the status is not OK.</summary>
    public Task<TResponse> ResponseAsync { get; }

    /// <summary>What came before the response.</summary>
    public Task<Metadata> ResponseHeadersAsync => _state.ResponseHeadersAsync();

    /// <summary>Lets the call be awaited like its response.</summary>
    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();

    /// <summary>The status of the ended call.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Status GetStatus() => _state.GetStatus();

    /// <summary>What came after the response.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended.</exception>
    public Metadata GetTrailers() => _state.GetTrailers();

    /// <summary>Gives the call up if it is in flight.</summary>
    public void Dispose() => _state.Dispose();
}
