using System.Threading.Channels;
using OpenCue.Engine;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Runs;

namespace OpenCue.Cuebot.Launching;

/// <summary>
/// Reads what calls need from the farm, right before they are sent: whether they are still wanted, and what they say. Calls that come at the same time
/// are read in one hold of the farm.
/// </summary>
internal sealed class OrderDesk(FarmEngine engine, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(1);

    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private Task _reading = Task.CompletedTask;

    /// <summary>Begins to read.</summary>
    public void Start() => _reading = ReadAsync();

    /// <summary>What the farm says about a call now. Null if there is no farm: another one is loaded, or another server has it.</summary>
    public Task<RunOrder?> ReadAsync(Effect effect)
    {
        var request = new Request(effect);
        return _requests.Writer.TryWrite(request) ? request.Answer.Task : Task.FromResult<RunOrder?>(null);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _requests.Writer.TryComplete();
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        var taken = new List<Request>();
        try
        {
            while (await _requests.Reader.WaitToReadAsync(_stop.Token))
            {
                while (_requests.Reader.TryRead(out var request))
                {
                    taken.Add(request);
                }

                for (var done = 0; done < taken.Count;)
                {
                    done = await AnswerAsync(taken, done);
                }

                taken.Clear();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        finally
        {
            _requests.Writer.TryComplete();
            while (_requests.Reader.TryRead(out var request))
            {
                taken.Add(request);
            }

            foreach (var request in taken)
            {
                request.Answer.TrySetResult(null);
            }
        }
    }

    /// <summary>Answers as many as fit into one hold; says with which to go on.</summary>
    private async Task<int> AnswerAsync(List<Request> requests, int from)
    {
        var orders = new List<RunOrder>();
        try
        {
            await engine.PeekAsync(
                farm =>
                {
                    orders.Clear();
                    var start = time.GetTimestamp();
                    do
                    {
                        orders.Add(Read(farm, requests[from + orders.Count].Effect));
                    }
                    while (from + orders.Count < requests.Count && time.GetElapsedTime(start) < Hold);
                    return orders.Count;
                },
                _stop.Token,
                "Calls to agents");
        }
        catch (EngineUnavailableException)
        {
            for (var i = from; i < requests.Count; i++)
            {
                requests[i].Answer.TrySetResult(null);
            }

            return requests.Count;
        }

        for (var i = 0; i < orders.Count; i++)
        {
            requests[from + i].Answer.TrySetResult(orders[i]);
        }

        return from + orders.Count;
    }

    private static RunOrder Read(FarmModel farm, Effect effect)
    {
        AgentPlace? place = farm.Hosts.TryGet(effect.Host, out var host) ? AgentPlace.Of(host.Row) : null;
        if (effect.Kind == EffectKind.TellLock)
        {
            return new RunOrder(farm, host?.TellLockAtEngineMs is not null, place, null, host?.Row.Locked ?? false);
        }

        var isWanted = RunCalls.IsWanted(farm, effect);
        var launch = isWanted && effect.Kind == EffectKind.LaunchRun && farm.Runs.TryGetValue(effect.Subject, out var run)
            ? new LaunchFacts(run.Row, run.Proc.Row, run.Layer.Row, run.Layer.Job.Row, run.Layer.Job.Show.Row.Name, run.Layer.Chunks)
            : null;
        var journal = farm.Runs.TryGetValue(effect.Subject, out var held) ? held.Row.AgentInstance : null;
        return new RunOrder(farm, isWanted, place, launch, false, journal);
    }

    private sealed class Request(Effect effect)
    {
        public Effect Effect { get; } = effect;

        public TaskCompletionSource<RunOrder?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
