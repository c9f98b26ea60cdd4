using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Simulator.Farms;
using OpenCue.Simulator.Running;
using OpenCue.Simulator.Tests.Commands;
using OpenCue.Simulator.Traces;
using OpenCue.Simulator.VirtualTime;
using OpenCue.Storage.Postgres;
using OpenCue.Storage.Sqlite;
using OpenCue.TestSupport;

namespace OpenCue.Simulator.Tests.Traces;

/// <summary>A trace that was simulated, and stored as a server would, comes back from the database as it was.</summary>
public class ExportTests
{
    private static readonly FarmPlan TheFarm = new()
    {
        Hosts =
        [
            new HostClass { Name = "big", Count = 2, Cores = 16, MemoryGib = 64, Tags = ["big"], MaxProcs = 9 },
            new HostClass { Name = "gpu", Cores = 8, MemoryGib = 32, Gpus = 2, GpuMemoryGib = 16, Allocation = "desktop", ThreadMode = "variable" },
        ],
        Shows =
        [
            new ShowPlan
            {
                Name = "alpha",
                Subscriptions = [new SubscriptionPlan { Allocation = "desktop", Size = 4, Burst = 8 }, new SubscriptionPlan { Size = 20, Burst = 30.5 }],
                Groups = [new GroupPlan { Name = "effects", MaxCores = 12 }],
            },
        ],
        Limits = [new LimitPlan { Name = "nuke", Max = 3, Kind = "host", Headroom = 1 }],
    };

    private static readonly Trace TheWork = new()
    {
        Name = "work",
        Start = VirtualTimeProvider.UsualStart,
        Farm = TheFarm,
        Jobs =
        [
            Job("1", 5) with
            {
                Layers =
                [
                    Layer("sim", "1-3", [[Run(60)], [Run(30, 1), Run(90)], [Run(20)]]),
                    Layer("mesh", "1-3", [[Run(10)], [Run(11)], [Run(12)]]) with { Cores = 0.5m, Threadable = false, Limits = ["nuke"], Tags = [] },
                    Layer("movie", "1", [[Run(100)]]),
                ],
                Depends =
                [
                    new TraceDepend { Type = "FRAME_BY_FRAME", Layer = "mesh", OnLayer = "sim" },
                    new TraceDepend { Type = "LAYER_ON_LAYER", Layer = "movie", OnLayer = "mesh", AnyFrame = true },
                ],
            },
            Job("2", 10) with
            {
                Group = "effects",
                Priority = 300,
                Layers = [Layer("render", "1-10", [[Run(40)], [Run(45)]]) with { Chunk = 5, Gpus = 1, GpuMemoryKib = 1048576, Tags = ["desktop"] }],
                Depends = [new TraceDepend { Type = "LAYER_ON_FRAME", Layer = "render", OnJob = "1", OnLayer = "sim", OnFrame = 2 }],
            },
            Job("3", 6600) with { Layers = [Layer("late", "7", [[Run(30)]])] },
        ],
    };

    [Fact]
    public async Task From_a_SQLite_file()
    {
        using var folder = new TemporaryFolder();
        await using (var store = new SqliteFarmStore(folder["cue.db"], TimeProvider.System, NullLogger<SqliteFarmStore>.Instance))
        {
            await StoreAsync(store);
            var complaint = await Tool.ComplaintOfAsync("trace", "export", "--sqlite", folder["cue.db"], "--out", folder["t.json"]);
            Assert.Contains("in use by its server. Stop that for a moment, or read a copy", complaint, StringComparison.Ordinal);
        }

        await ExpectExportAsync(folder, "--sqlite", folder["cue.db"]);
    }

    [Fact]
    public async Task From_a_PostgreSQL_database()
    {
        using var folder = new TemporaryFolder();
        await using var server = await PrivatePostgres.StartAsync();
        var database = server.ConnectionString(await server.CreateDatabaseAsync());
        await using var store = new PostgresFarmStore(database, allowUnsafe: false, TimeProvider.System, NullLogger<PostgresFarmStore>.Instance);
        await StoreAsync(store);

        // The server that owns the farm goes on while the trace is read.
        await ExpectExportAsync(folder, "--postgres", database);
    }

    [Fact]
    public async Task A_file_that_is_not_there_or_no_farm_is_refused_with_the_way_out()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("There is no file", await Tool.ComplaintOfAsync("trace", "export", "--sqlite", folder["no.db"], "--out", folder["t.json"]), StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder["empty.db"], "");
        Assert.Contains("no database of this version", await Tool.ComplaintOfAsync("trace", "export", "--sqlite", folder["empty.db"], "--out", folder["t.json"]), StringComparison.Ordinal);
        Assert.Contains("Name one database", await Tool.ComplaintOfAsync("trace", "export", "--out", folder["t.json"]), StringComparison.Ordinal);
    }

    private static async Task StoreAsync(IFarmStore store)
    {
        var batches = new List<ChangeSet>();
        var memory = new MemoryStore
        {
            OnCommit = batch =>
            {
                batches.Add(batch);
                return null;
            },
        };
        var options = new SimulationOptions
        {
            Trace = TheWork,
            Farm = TheFarm,
            Hours = 2,
            Settings = new FarmSettings { ArchiveJobsAfterHours = 1 },
            ReportEveryMs = 250_000,
        };
        await using (var simulation = new Simulation(options, TimeProvider.System, store: memory))
        {
            Assert.Equal(3, simulation.Run(default).Work.JobsDone);
        }

        Assert.Equal(2, batches.Sum(batch => batch.ArchivedJobs.Count));
        await store.TakeOverAsync("test", default);
        foreach (var batch in batches)
        {
            await store.CommitAsync(batch, default);
        }
    }

    private static async Task ExpectExportAsync(TemporaryFolder folder, string option, string database)
    {
        await Tool.OutputOfAsync(
            "trace", "export", option, database, "--from", "2030-01-07T00:00Z", "--to", "2030-01-08T00:00Z", "--name", "work", "--out", folder["work.json"]);
        var exported = TraceFiles.Read(folder["work.json"]);
        Assert.Equal(Text(TheWork with { Farm = null }), Text(exported with { Farm = null }));

        var farm = exported.Farm ?? throw new InvalidOperationException("The farm is missing.");
        var expected = TheFarm with { Hosts = [.. TheFarm.Hosts.SelectMany(h => h.Names().Select(name => h with { Name = name, Count = 1, Allocation = FarmPlan.FullName(h.Allocation) }))] };
        var alpha = TheFarm.Shows[0];
        expected = expected with { Shows = [alpha with { Subscriptions = [.. alpha.Subscriptions.Select(s => s with { Allocation = FarmPlan.FullName(s.Allocation) })] }] };
        Assert.Equal(Text(TheWork with { Jobs = [], Farm = expected }), Text(exported with { Jobs = [], Farm = farm with { Shows = [.. farm.Shows.Where(s => s.Name == "alpha")] } }));
    }

    private static string Text(Trace trace)
    {
        var text = new StringWriter();
        JsonTrace.Write(trace, text);
        return text.ToString();
    }

    private static TraceJob Job(string id, decimal submit) => new()
    {
        Id = id,
        Name = $"job_{id}",
        Show = "alpha",
        Shot = "sh010",
        User = "ada",
        Facility = "local",
        SubmitSeconds = submit,
        Priority = 100,
        MaxCores = 50,
        MaxGpus = 4,
        Layers = [],
    };

    private static TraceLayer Layer(string name, string range, TraceRun[][] frames) => new()
    {
        Name = name,
        Range = range,
        Cores = 2,
        MemoryKib = 2 * 1048576,
        Tags = ["general"],
        Services = ["default"],
        Frames = frames,
    };

    /// <summary>Its memory is near what its layer asks for, so that nothing is learned from it.</summary>
    private static TraceRun Run(decimal seconds, int exit = 0) => new(seconds, 2_000_000, exit);
}
