using Grpc.Core;

namespace OpenCue.Rpc.Server;

/// <summary>The requests of a call, for a service method.</summary>
internal sealed class RequestStream<T>(RpcCall call, Marshaller<T> marshaller) : IAsyncStreamReader<T>
    where T : class
{
    private T? _current;

    public T Current => _current ?? throw new InvalidOperationException("There is no current request; MoveNext must have returned true.");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _current = await call.ReadNextAsync(marshaller, cancellationToken).ConfigureAwait(false);
        return _current is not null;
    }
}

/// <summary>The responses of a call, for a service method.</summary>
internal sealed class ResponseStream<T>(RpcCall call, Marshaller<T> marshaller) : IServerStreamWriter<T>
    where T : class
{
    private int _writing;

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (Interlocked.Exchange(ref _writing, 1) == 1)
        {
            throw new InvalidOperationException("A response is being written; wait for its task before writing the next one.");
        }

        try
        {
            await call.WriteNextAsync(message, marshaller, WriteOptions, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }
}
