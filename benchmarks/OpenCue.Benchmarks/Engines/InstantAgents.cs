using System.Collections.Concurrent;
using System.Diagnostics;
using OpenCue.Engine;
using OpenCue.Engine.Sinks;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Runs;

namespace OpenCue.Benchmarks.Engines;

/// <summary>
/// Agents that take every launch as soon as it is durable. Each is confirmed by a command of its own, and ends by one of its own, as if an agent had
/// answered and reported: nothing is made cheaper by bundling.
/// </summary>
/// <param name="farm">The farm.</param>
/// <param name="completes">False: frames run for ever.</param>
internal sealed class InstantAgents(EngineFarm farm, bool completes) : IEffectSink
{
    private static readonly Actor s_launcher = new(ActorKind.Server, "launcher");
    private static readonly Actor s_host = new(ActorKind.Host, "agent");

    private readonly ConcurrentDictionary<EntityId, string> _hosts = new();
    private long _busy;
    private long _delays;
    private long _launched;
    private long _completed;
    private long _refused;
    private volatile bool _stopped;

    /// <inheritdoc/>
    public int Backlog => 0;

    /// <summary>The shortest run, ms.</summary>
    public int ShortestMs { get; init; }

    /// <summary>The longest run, ms; 0: runs end at once.</summary>
    public int LongestMs { get; init; }

    /// <summary>When the first launch came, on the stopwatch.</summary>
    public long FirstLaunchAt { get; private set; }

    /// <summary>When the last one came.</summary>
    public long LastLaunchAt { get; private set; }

    /// <summary>Launches taken.</summary>
    public long Launched => Interlocked.Read(ref _launched);

    /// <summary>Completions that are durable.</summary>
    public long Completed => Interlocked.Read(ref _completed);

    /// <summary>Completions that did not count.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Waits until so many launches have come.</summary>
    /// <exception cref="BenchmarkFailedException">They do not come.</exception>
    public async Task WaitAsync(long launches, TimeSpan patience, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (Launched < launches)
        {
            Expect.That(Stopwatch.GetElapsedTime(since) < patience, $"After {patience.TotalSeconds} s {Launched} of {launches} frames are booked.");
            await Task.Delay(2, cancellationToken);
        }
    }

    /// <summary>What is launched from now on runs for ever.</summary>
    public void Stop() => _stopped = true;

    /// <summary>Waits until every run that was launched is confirmed, and completed if it was to be.</summary>
    public async Task RestAsync(CancellationToken cancellationToken)
    {
        for (var (before, now) = (-1L, 0L); before != now || Interlocked.Read(ref _busy) != 0; (before, now) = (now, Launched))
        {
            await Task.Delay(200, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask DeliverAsync(EffectBatch batch, CancellationToken cancel)
    {
        foreach (var effect in batch.Effects)
        {
            if (effect.Kind == EffectKind.LaunchRun)
            {
                LastLaunchAt = Stopwatch.GetTimestamp();
                FirstLaunchAt = FirstLaunchAt == 0 ? LastLaunchAt : FirstLaunchAt;
                Interlocked.Increment(ref _launched);
                _ = RunAsync(effect);
            }
        }

        return ValueTask.CompletedTask;
    }

    private async Task RunAsync(Effect effect)
    {
        Interlocked.Increment(ref _busy);
        try
        {
            var confirmed = farm.Engine.ExecuteAsync(
                CommandClass.Internal,
                s_launcher,
                edit =>
                {
                    RunCalls.Ended(edit, effect, CallAnswer.Done, "");
                    return 0;
                },
                CancellationToken.None,
                "Call to agent ended");
            if (completes && !_stopped)
            {
                if (LongestMs > 0)
                {
                    await Task.Delay(ShortestMs + (int)(Interlocked.Increment(ref _delays) * 7919 % (LongestMs - ShortestMs + 1)));
                }

                var report = new CompletionReport
                {
                    HostName = await NameAsync(effect.Host),
                    Frame = new RunningFrameReport { RunId = effect.Subject, FrameId = effect.Frame, RssKib = 200_000, MaxRssKib = 200_000 },
                    RunSeconds = 1,
                    FreeMemoryKib = 8 * 1048576,
                };
                var verdict = await farm.Engine.ExecuteAsync(
                    CommandClass.Completion,
                    s_host,
                    edit => CompletionReports.Apply(edit, farm.Scheduler.Scheduler, report),
                    CancellationToken.None,
                    "Completion");
                Interlocked.Increment(ref verdict == CompletionVerdict.Applied ? ref _completed : ref _refused);
            }

            await confirmed;
        }
        catch (EngineUnavailableException)
        {
            // The engine has stopped.
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
        }
    }

    private async ValueTask<string> NameAsync(EntityId host)
    {
        if (!_hosts.TryGetValue(host, out var name))
        {
            name = await farm.ReadAsync(model => model.Hosts.Find(host)!.Row.Name); // It was launched there.
            _hosts[host] = name;
        }

        return name;
    }
}
