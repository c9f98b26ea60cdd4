using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using OpenCue.Cuebot.Events;
using OpenCue.Cuebot.Launching;
using OpenCue.Engine;
using OpenCue.Engine.Sinks;
using OpenCue.Engine.Storing;
using OpenCue.Rpc.Server;

namespace OpenCue.Cuebot.Hosting;

/// <summary>
/// Starts and stops the farm: the engine with all that is plugged into it. The ports are open before; until the farm is loaded, calls are answered
/// that it is being loaded.
/// </summary>
internal sealed partial class FarmService(
    FarmEngine engine,
    IFarmStore store,
    IEnumerable<IBatchStep> steps,
    EventLog events,
    RpcHealth health,
    IServer server,
    IHostApplicationLifetime lifetime,
    ServerOutcome outcome,
    TimeProvider time,
    ILogger<FarmService> logger,
    IEffectSink? effects = null) : BackgroundService
{
    /// <summary>How often the writer looks at what time alone makes due: start-after, resting hosts, sweeps.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        health.Set("", RpcServingStatus.NotServing);
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);

        // What agents answer to calls that are under way is worth storing.
        if (effects is Launcher launcher)
        {
            await launcher.StopAsync(cancellationToken);
        }

        await engine.StopAsync(cancellationToken);
        LogStopped(store.Description);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await engine.StartAsync(FarmParts.Of(steps, effects, events), stoppingToken);
            await WhenPortsAreOpenAsync(stoppingToken);
            await LogServingAsync(stoppingToken);

            // None of them ends before the server does; whichever does says why.
            await await Task.WhenAny(engine.Completion, FollowHealthAsync(stoppingToken), TickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception e) when (
            e is StoreDataException or StoreUnavailableException or StoreDeposedException or InvalidDataException or EngineUnavailableException)
        {
            // A person reads these: they say what to do, and need no stack.
            outcome.Fail();
            LogCantGoOn(store.Description, e.Message);
        }
        catch (Exception e)
        {
            outcome.Fail();
            LogDefect(e);
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    private async Task WhenPortsAreOpenAsync(CancellationToken cancel)
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var started = lifetime.ApplicationStarted.UnsafeRegister(_ => open.TrySetResult(), null);
        await open.Task.WaitAsync(cancel);
    }

    private async Task FollowHealthAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var state = engine.Status.State;
            health.Set("", state == EngineState.Running ? RpcServingStatus.Serving : RpcServingStatus.NotServing);
            await engine.WaitForAsync(status => status.State != state, stop);
        }
    }

    private async Task TickAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            try
            {
                // While the store is away the writer stands still: one tick waits then, and no more are piled up.
                await engine.ExecuteAsync(CommandClass.Internal, Actor.Maintenance, _ => 0, stop, "Tick");
            }
            catch (Exception e) when (e is CommandFailedException or FarmException or EngineUnavailableException { State: not EngineState.Stopped })
            {
                // A tick that is lost is no loss. If the engine has ended, that says so itself.
                LogTickFailed(e);
            }
        }
    }

    private async Task LogServingAsync(CancellationToken cancel)
    {
        var counts = (await engine.QueryAsync(
            farm => (farm.Shows.Count, farm.Hosts.Count, farm.Jobs.Count, farm.Layers.Values.Sum(layer => layer.FrameCount), farm.Runs.Count),
            cancel)).Value;
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        LogServing(string.Join(", ", addresses), store.Description, counts.Item1, counts.Item2, counts.Item3, counts.Item4, counts.Item5);
    }

    [LoggerMessage(
        EventId = 5001,
        Level = LogLevel.Information,
        Message = "Serving on {Addresses}, with {Store}: {Shows} shows, {Hosts} hosts, {Jobs} jobs, {Frames} frames, {Runs} runs")]
    private partial void LogServing(string addresses, string store, int shows, int hosts, int jobs, int frames, int runs);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Information, Message = "Stopped; {Store} is up to date")]
    private partial void LogStopped(string store);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Warning, Message = "The engine took no tick; it is given the next one in a second")]
    private partial void LogTickFailed(Exception reason);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Critical, Message = "The server can't go on with {Store}: {Reason}")]
    private partial void LogCantGoOn(string store, string reason);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Critical, Message = "A defect ended the server; what was acknowledged is safe in the store")]
    private partial void LogDefect(Exception defect);
}
