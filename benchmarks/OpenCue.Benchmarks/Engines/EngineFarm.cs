using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Benchmarks.Servers;
using OpenCue.Cuebot.Hosting.Steps;
using OpenCue.Cuebot.Maintenance;
using OpenCue.Engine;
using OpenCue.Engine.Sinks;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs.Submitting;
using OpenCue.Farm.Runs;
using OpenCue.Specs;
using OpenCue.Specs.Launch;

namespace OpenCue.Benchmarks.Engines;

/// <summary>The server's engine with its own steps and rules in this process, without any RPC: what it can do by itself, with a store.</summary>
internal sealed class EngineFarm : IAsyncDisposable
{
    private const long Gib = 1048576;

    private readonly Meter _meter = new("OpenCue.Benchmarks");

    private EngineFarm(IFarmStore store, SchedulerStep scheduler)
    {
        Store = new TimedStore(store);
        Scheduler = scheduler;
        Engine = new FarmEngine(
            Store,
            new EngineOptions { Owner = "benchmark", Seed = (ulong)Environment.ProcessId },
            TimeProvider.System,
            new EngineInstruments(_meter),
            NullLogger<FarmEngine>.Instance);
    }

    /// <summary>The engine.</summary>
    public FarmEngine Engine { get; }

    /// <summary>Its store.</summary>
    public TimedStore Store { get; }

    /// <summary>Its scheduler.</summary>
    public SchedulerStep Scheduler { get; }

    /// <summary>Starts an engine on a store that is disposed with it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="effects">Makes what takes the launches.</param>
    /// <param name="check">Looks at the farm after each batch.</param>
    public static async Task<EngineFarm> StartAsync(IFarmStore store, Func<EngineFarm, IEffectSink> effects, Action<FarmModel>? check = null)
    {
        var scheduler = new SchedulerStep();
        var farm = new EngineFarm(store, scheduler);
        await farm.Engine.StartAsync(
            new EngineParts
            {
                Steps = [new MaintenanceStep(), new BulkOperationStep(), scheduler],
                Effects = effects(farm),
                Check = check,
                Seed = FarmSeed.Apply,
                AfterLoad = edit =>
                {
                    Submission.DropLeftOvers(edit);
                    Recovery.Begin(edit);
                },
            },
            CancellationToken.None);
        return farm;
    }

    /// <summary>Carries out a command of the server's own.</summary>
    public Task<T> DoAsync<T>(Func<FarmEdit, T> command) => Engine.ExecuteAsync(CommandClass.Internal, Actor.Maintenance, command, CancellationToken.None);

    /// <summary>Reads the farm.</summary>
    public async Task<T> ReadAsync<T>(Func<FarmModel, T> read) => (await Engine.QueryAsync(read, CancellationToken.None)).Value;

    /// <summary>How many core points shows may have in <c>local.general</c>.</summary>
    public Task SetBurstAsync(int corePoints) => DoAsync(edit =>
    {
        foreach (var subscription in edit.Farm.Subscriptions.Values.ToList())
        {
            edit.Set(subscription, subscription.Row with { Size = corePoints, Burst = corePoints });
        }

        return 0;
    });

    /// <summary>Hosts report for the first time.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cores">Whole cores of each.</param>
    /// <param name="tags">The tags of a host, by its number, <c>general</c> left out.</param>
    public async Task AddHostsAsync(int count, int cores, Func<int, string[]>? tags = null)
    {
        foreach (var chunk in Enumerable.Range(1, count).Chunk(500))
        {
            await DoAsync(edit =>
            {
                foreach (var number in chunk)
                {
                    HostReports.Apply(edit, Host(number, cores, tags?.Invoke(number) ?? []));
                }

                return 0;
            });
        }
    }

    /// <summary>Launches the jobs of a specification, as the server does it.</summary>
    /// <param name="xml">The specification.</param>
    public async Task LaunchAsync(string xml)
    {
        var document = JobSpecReader.Read(xml, new JobSpecOptions { MinMemoryKib = new FarmSettings().MemoryReservedMinKib });
        var actor = new Actor(ActorKind.User, "artist");
        var submission = await Engine.ExecuteAsync(
            CommandClass.UserAction, actor, edit => Submission.Begin(edit, document), CancellationToken.None, "BeginLaunch");
        while (await Engine.ExecuteAsync(CommandClass.UserAction, actor, submission.Step, CancellationToken.None, "StepLaunch"))
        {
        }

        await Engine.ExecuteAsync(CommandClass.UserAction, actor, edit => submission.Activate(edit).Count, CancellationToken.None, "ActivateLaunch");
    }

    /// <summary>Launches jobs of four layers until there are so many frames; returns how many jobs these are.</summary>
    public async Task<int> FillAsync(int frames, int framesPerLayer)
    {
        const int Layers = 4;
        var jobs = Math.Max(1, frames / (Layers * framesPerLayer));
        for (var number = 1; number <= jobs; number++)
        {
            await LaunchAsync(TestJob.Spec([TestJob.Job($"job{number}", Enumerable.Repeat("general", Layers), framesPerLayer)]));
        }

        return jobs;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Engine.StopAsync(CancellationToken.None);
        await Engine.DisposeAsync();
        await Store.DisposeAsync();
        _meter.Dispose();
    }

    /// <summary>What a host reports.</summary>
    public static HostReport Host(int number, int cores, string[] tags) => new()
    {
        HostName = HostName(number),
        Facility = "local",
        CorePoints = cores * 100,
        TotalMemory = cores * 4 * Gib,
        FreeMemory = cores * 4 * Gib,
        TotalSwap = Gib,
        FreeSwap = Gib,
        TotalTemp = 100 * Gib,
        FreeTemp = 80 * Gib,
        BootTimeSeconds = 1_700_000_000,
        Tags = ((string[])["general", .. tags]).ToValueList(),
        State = HardwareState.Up,
        Os = "linux",
    };

    /// <summary>The name of a host.</summary>
    public static string HostName(int number) => $"host{number:000000}";
}
