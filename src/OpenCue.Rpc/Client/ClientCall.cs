using System.Net;
using Grpc.Core;
using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Client;

/// <summary>One call being made: the attempts to get it through, then its responses and its end.</summary>
internal sealed class ClientCall<TRequest, TResponse> : IAsyncStreamReader<TResponse>, IDisposable
    where TRequest : class
    where TResponse : class
{
    private readonly RpcChannel _channel;
    private readonly Method<TRequest, TResponse> _method;
    private readonly string? _host;
    private readonly CallOptions _options;
    private readonly DateTime? _deadline;
    private readonly CancellationTokenSource _end;
    private readonly CancellationToken _endToken;
    private readonly CancellationTokenRegistration _callerRegistration;
    private readonly CancellationTokenRegistration _channelRegistration;
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RequestBody _body = new();

    private Task<Answer>? _stream;
    private TResponse? _current;
    private Status? _status;
    private Metadata? _trailers;
    private RpcException? _failure;
    private RpcException? _answered;
    private ServerAddress? _address;
    private bool _requestSent;
    private bool _givenUp;
    private int _released;

    public ClientCall(RpcChannel channel, Method<TRequest, TResponse> method, string? host, in CallOptions options)
    {
        _channel = channel;
        _method = method;
        _host = host;
        _options = options;
        var time = channel.Options.TimeProvider;
        _deadline = options.Deadline is { } deadline
            ? deadline.Kind == DateTimeKind.Local ? deadline.ToUniversalTime() : deadline
            : channel.Options.DefaultTimeout is { } timeout ? (time.GetUtcNow() + timeout).UtcDateTime : null;
        _end = new CancellationTokenSource(TimerFor(TimeLeft()), time);
        _endToken = _end.Token;
        _callerRegistration = options.CancellationToken.UnsafeRegister(GiveUp, this);
        _channelRegistration = channel.Closed.UnsafeRegister(static call => ((ClientCall<TRequest, TResponse>)call!)._end.Cancel(), this);
    }

    public Task<Metadata> ResponseHeadersAsync => _headers.Task;

    public TResponse Current => _current ?? throw new InvalidOperationException("There is no current response; MoveNext must have returned true.");

    public Status GetStatus() => _status ?? throw new InvalidOperationException("The call has not ended; it has no status yet.");

    public Metadata GetTrailers() => _trailers ?? throw new InvalidOperationException("The call has not ended; it has no trailers yet.");

    /// <summary>Makes a call with one response.</summary>
    public async Task<TResponse> RunUnaryAsync(TRequest request)
    {
        try
        {
            Serialize(request);
            ulong tried = 0;
            while (true)
            {
                try
                {
                    using var answer = await ConnectAsync(tried).ConfigureAwait(false);
                    var response = await answer.Reader.ReadOnlyAsync(_method.ResponseMarshaller, _endToken).ConfigureAwait(false);
                    End(answer, response is not null);
                    return response!;
                }
                catch (Exception e)
                {
                    var failure = Translate(e);
                    if (!MayRepeat(failure, ref tried))
                    {
                        throw failure;
                    }
                }
            }
        }
        catch (Exception e)
        {
            throw Fail(e);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Begins a call with many responses.</summary>
    public void StartStream(TRequest request) => _stream = OpenStreamAsync(request);

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (_failure is not null)
        {
            throw _failure;
        }

        if (_status is not null)
        {
            return false;
        }

        Answer? answer = null;
        try
        {
            using var registration = cancellationToken.UnsafeRegister(GiveUp, this);
            answer = await _stream!.ConfigureAwait(false);
            _current = await answer.Reader.ReadNextAsync(_method.ResponseMarshaller, _endToken).ConfigureAwait(false);
            if (_current is not null)
            {
                return true;
            }

            End(answer, hasMessage: true);
        }
        catch (Exception e)
        {
            var failure = Fail(e);
            LeaveIfUnavailable(failure);
            answer?.Dispose();
            Release();
            throw failure;
        }

        answer.Dispose();
        Release();
        return false;
    }

    public void Dispose()
    {
        if (_status is null && Volatile.Read(ref _released) == 0)
        {
            GiveUp(this);
            _ = AbortStreamAsync();
        }

        if (_stream is not null)
        {
            Release();
        }
    }

    private static void GiveUp(object? call)
    {
        var self = (ClientCall<TRequest, TResponse>)call!;
        self._givenUp = true;
        try
        {
            self._end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call ended by itself in this very moment.
        }
    }

    private async Task<Answer> OpenStreamAsync(TRequest request)
    {
        try
        {
            Serialize(request);
            return await ConnectAsync(0).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Fail(e);
        }
    }

    private void Serialize(TRequest request)
    {
        var options = _channel.Options;
        var gzipFrom = _options.WriteOptions is { } write && write.Flags.HasFlag(WriteFlags.NoCompress)
            ? MessageWriter.NeverGzip
            : options.GzipRequestsFromBytes ?? MessageWriter.NeverGzip;
        MessageWriter.Write(request, _method.RequestMarshaller, _body.Buffer, "request", options.MaxMessageBytes, gzipFrom);
    }

    /// <summary>Sends the request to the first address that takes it and waits for the head of the answer.</summary>
    private async Task<Answer> ConnectAsync(ulong tried)
    {
        var addresses = _channel.Addresses;
        while (true)
        {
            _endToken.ThrowIfCancellationRequested();
            if (addresses.Pick(tried) is not { } address)
            {
                await WaitForAddressAsync().ConfigureAwait(false);
                tried = 0;
                continue;
            }

            tried |= AddressList.Bit(address);
            _address = address;
            var triedAt = _channel.Options.TimeProvider.GetTimestamp();
            using var content = new RequestContent(_body);
            var isAnswered = false;
            try
            {
                using var message = NewMessage(address, content);
                var http = await _channel.Transport.Invoker.SendAsync(message, _endToken).ConfigureAwait(false);
                isAnswered = _requestSent = true;
                addresses.Succeeded(address);
                var answer = await Answer.OpenAsync(address, http, _channel.Options.MaxMessageBytes, _endToken).ConfigureAwait(false);
                _headers.TrySetResult(answer.Headers());
                return answer;
            }
            catch (Exception e) when (!isAnswered && !content.SealUnlessSent() && !_endToken.IsCancellationRequested && e is not RpcException)
            {
                // Nothing has left, so another address may be tried without any risk.
                addresses.Failed(address, triedAt, TransportErrors.Describe(e));
            }
            catch
            {
                _requestSent |= content.SealUnlessSent();
                throw;
            }
        }
    }

    private HttpRequestMessage NewMessage(ServerAddress address, RequestContent content)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(address.Uri, _method.FullName))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        var headers = message.Headers;
        headers.TryAddWithoutValidation("te", "trailers");
        headers.TryAddWithoutValidation("user-agent", _channel.Options.UserAgent);
        headers.TryAddWithoutValidation(WireNames.AcceptEncoding, WireNames.SupportedEncodings);
        if (_channel.Options.GzipRequestsFromBytes is not null)
        {
            headers.TryAddWithoutValidation(WireNames.Encoding, WireNames.Gzip);
        }

        if (_host is not null)
        {
            headers.Host = _host;
        }

        if (TimeLeft() is { } left)
        {
            headers.TryAddWithoutValidation(WireNames.Timeout, GrpcTimeout.Format(left));
        }

        foreach (var entry in _options.Headers ?? Metadata.Empty)
        {
            if (MetadataCodec.IsReserved(entry.Key))
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, $"The metadata key \"{entry.Key}\" belongs to the protocol."));
            }

            headers.TryAddWithoutValidation(entry.Key, MetadataCodec.HeaderValue(entry));
        }

        return message;
    }

    /// <summary>Waits until an address has rested, or fails when the call does not wait.</summary>
    private async Task WaitForAddressAsync()
    {
        var waits = _options.IsWaitForReadySet ? _options.IsWaitForReady : _channel.Options.WaitForReady;
        var wait = _channel.Addresses.UntilRested();
        if (!waits)
        {
            var next = wait > TimeSpan.Zero ? $" (next try in {wait.TotalSeconds:0.0} s)" : "";
            throw new RpcException(new Status(
                StatusCode.Unavailable,
                $"No server can be reached: {_channel.Addresses.DescribeFailures()}{next}"));
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _channel.Options.TimeProvider, _endToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a failed unary call goes on to another address.</summary>
    private bool MayRepeat(RpcException failure, ref ulong tried)
    {
        LeaveIfUnavailable(failure);
        if (!_requestSent
            || failure.StatusCode != StatusCode.Unavailable
            || _address is not { } address
            || _channel.Options.IsIdempotent?.Invoke(_method) != true)
        {
            return false;
        }

        tried |= AddressList.Bit(address);
        return _channel.Addresses.Pick(tried) is not null;
    }

    private void LeaveIfUnavailable(RpcException failure)
    {
        if (failure.StatusCode == StatusCode.Unavailable && _requestSent && _address is not null)
        {
            _channel.Addresses.Leave(_address);
        }
    }

    private RpcException Translate(Exception exception)
    {
        switch (exception)
        {
            case RpcException rpc when rpc is RpcTransportException || ReferenceEquals(rpc, _answered):
                return rpc;
            case RpcException rpc:
                return new RpcTransportException(rpc.Status, _requestSent, _address?.ToString());
            case OperationCanceledException when _endToken.IsCancellationRequested:
                return new RpcTransportException(CancelledStatus(exception), _requestSent, _address?.ToString());
            default:
                var where = _address is null ? "" : $"{_address}: ";
                var status = new Status(TransportErrors.CodeOf(exception), where + TransportErrors.Describe(exception), exception);
                return new RpcTransportException(status, _requestSent, _address?.ToString());
        }
    }

    private Status CancelledStatus(Exception exception)
    {
        if (_givenUp)
        {
            return new Status(StatusCode.Cancelled, "The call was given up.", exception);
        }

        if (_channel.Closed.IsCancellationRequested)
        {
            return new Status(StatusCode.Cancelled, "The channel was closed.", exception);
        }

        var where = _address is null ? "" : $" at {_address}";
        var failures = _channel.Addresses.DescribeFailures();
        return new Status(
            StatusCode.DeadlineExceeded,
            $"The deadline passed before {_method.FullName} was done{where}.{(failures.Length > 0 ? " " + failures : "")}",
            exception);
    }

    private void End(Answer answer, bool hasMessage)
    {
        var status = answer.Status();
        var trailers = answer.Trailers();
        if (status.StatusCode != StatusCode.OK)
        {
            throw _answered = new RpcException(status, trailers);
        }

        if (!hasMessage)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"{answer.Address}: it answered OK without a message."));
        }

        _trailers = trailers;
        _status = status;
    }

    private RpcException Fail(Exception exception)
    {
        var failure = Translate(exception);
        _failure ??= failure;
        _trailers ??= failure.Trailers;
        _status ??= failure.Status;
        if (_headers.TrySetException(failure))
        {
            // Nobody has to ask for the headers.
            _ = _headers.Task.Exception;
        }

        return failure;
    }

    // A stream that nobody reads to its end is reset, so that the server stops writing it.
    private async Task AbortStreamAsync()
    {
        if (_stream is null)
        {
            return;
        }

        try
        {
            (await _stream.ConfigureAwait(false)).Abort();
        }
        catch (RpcException)
        {
            // It never began; its caller has been told.
        }
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _callerRegistration.Dispose();
            _channelRegistration.Dispose();
            _body.Dispose();
            _end.Dispose();
        }
    }

    private TimeSpan? TimeLeft() => _deadline - _channel.Options.TimeProvider.GetUtcNow().UtcDateTime;

    private static TimeSpan TimerFor(TimeSpan? left) => left switch
    {
        null => Timeout.InfiniteTimeSpan,
        { } time when time <= TimeSpan.Zero => TimeSpan.Zero,
        { TotalMilliseconds: > uint.MaxValue - 1 } => Timeout.InfiniteTimeSpan,
        { } time => time,
    };
}
