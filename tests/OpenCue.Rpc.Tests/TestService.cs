using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using OpenCue.Rpc.Server;
using OpenCue.Rpc.Tests.Protos;

namespace OpenCue.Rpc.Tests;

/// <summary>Does what each request asks for, and remembers what tests want to know.</summary>
internal sealed class TestService : TestInterface.TestInterfaceBase
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _served;

    /// <summary>Ends with the token's state once a hanging call has ended.</summary>
    public TaskCompletionSource<string> HangEnded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends once a hanging call has begun.</summary>
    public TaskCompletionSource HangBegan { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How often each text was echoed.</summary>
    public ConcurrentDictionary<string, int> Echoed { get; } = new();

    public int Served => Volatile.Read(ref _served);

    /// <summary>What an unknown exception of <see cref="Throw"/> is.</summary>
    public Func<string, Exception> Exceptions { get; set; } = text => text switch
    {
        "drop" => new RpcDropConnectionException(),
        "503" => new RpcHttpUnavailableException(),
        "cancelled" => new OperationCanceledException("inner work was given up"),
        "unknown-name" => new KeyNotFoundException("no such thing"),
        _ => new InvalidOperationException(text),
    };

    public void Release() => _release.TrySetResult();

    public override Task<EchoResponse> Echo(EchoRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref _served);
        Echoed.AddOrUpdate(request.Text, 1, (_, count) => count + 1);
        var payload = request.ResponseBytes > 0 ? ByteString.CopyFrom(new byte[request.ResponseBytes]) : request.Payload;
        return Task.FromResult(new EchoResponse
        {
            Text = request.Text == "does it hang?" && HangBegan.Task.IsCompleted ? "it hangs" : request.Text,
            Payload = payload,
            BigNumber = request.BigNumber,
            Mood = request.Mood,
        });
    }

    public override Task<EchoResponse> Fail(FailRequest request, ServerCallContext context) =>
        throw new RpcException(
            new Status((StatusCode)request.Code, request.Detail),
            new Metadata { { "why", "because" }, { "why-bin", new byte[] { 0, 255, 7 } } });

    public override Task<EchoResponse> Throw(EchoRequest request, ServerCallContext context) => throw Exceptions(request.Text);

    public override async Task Count(CountRequest request, IServerStreamWriter<CountResponse> responseStream, ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync(new Metadata { { "counting-to", request.UpTo.ToString() } });
        for (var i = 1; i <= request.UpTo; i++)
        {
            await responseStream.WriteAsync(
                new CountResponse { Number = i, Payload = ByteString.CopyFrom(new byte[request.PayloadBytes]) },
                context.CancellationToken);
            if (i == request.FailAfter)
            {
                throw new RpcException(new Status(StatusCode.Aborted, $"stopped at {i}"));
            }
        }

        context.ResponseTrailers.Add("counted", "yes");
    }

    public override async Task<CountResponse> Sum(IAsyncStreamReader<CountResponse> requestStream, ServerCallContext context)
    {
        var sum = 0;
        await foreach (var number in requestStream.ReadAllAsync())
        {
            sum += number.Number;
        }

        return new CountResponse { Number = sum };
    }

    public override async Task Chat(
        IAsyncStreamReader<EchoRequest> requestStream,
        IServerStreamWriter<EchoResponse> responseStream,
        ServerCallContext context)
    {
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(new EchoResponse { Text = request.Text });
        }
    }

    public override async Task<EchoResponse> Hang(EchoRequest request, ServerCallContext context)
    {
        HangBegan.TrySetResult();
        try
        {
            await _release.Task.WaitAsync(context.CancellationToken);
            HangEnded.TrySetResult("released");
            return new EchoResponse { Text = request.Text };
        }
        catch (OperationCanceledException)
        {
            HangEnded.TrySetResult("cancelled");
            throw;
        }
    }

    public override Task<MetadataResponse> Metadata(EchoRequest request, ServerCallContext context)
    {
        var response = new MetadataResponse
        {
            Peer = context.Peer,
            Host = context.Host,
            DeadlineInMs = context.Deadline == DateTime.MaxValue
                ? -1
                : (long)(context.Deadline - TimeProvider.System.GetUtcNow().UtcDateTime).TotalMilliseconds,
        };
        foreach (var entry in context.RequestHeaders)
        {
            if (entry.IsBinary)
            {
                response.Binary[entry.Key] = ByteString.CopyFrom(entry.ValueBytes);
            }
            else
            {
                response.Text[entry.Key] = entry.Value;
            }
        }

        context.ResponseTrailers.Add("trailing", "text");
        context.ResponseTrailers.Add("trailing-bin", [1, 2, 254]);
        return WithHeaders();

        async Task<MetadataResponse> WithHeaders()
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "leading", "text" }, { "leading-bin", new byte[] { 3, 200 } } });
            return response;
        }
    }
}
