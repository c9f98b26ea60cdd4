using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Jobs;
using OpenCue.Storage.Postgres;
using OpenCue.Storage.Sqlite;
using OpenCue.TestKit;
using OpenCue.TestSupport;

namespace OpenCue.Cuebot.Tests.Api;

/// <summary>
/// Clients don't notice that the frames of a job that finished some time ago are in the store alone, whichever store it is, before and after a restart.
/// </summary>
public abstract class FinishedFramesTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opencue-finished-").FullName;

    /// <summary>A folder of the test's own.</summary>
    protected string Folder => _folder;

    /// <summary>The store, as a server opens it.</summary>
    protected abstract Task<IFarmStore> OpenAsync();

    public virtual ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task They_are_listed_counted_and_found()
    {
        await using var farm = await StartAsync();
        await farm.AwayAsync();
        var frames = (await farm.Server.Jobs.GetFramesAsync(new() { Job = farm.Job })).Frames.Frames;
        Assert.Equal(["0001-render", "0001-post", "0002-render", "0003-render"], frames.Select(f => f.Name));
        Assert.All(frames, f => Assert.Equal((Wire.FrameState.Succeeded, 0, 1000L), (f.State, f.ExitStatus, f.MaxRss)));

        await farm.AwayAsync();
        var one = (await farm.Server.Frames.GetFrameAsync(new() { Id = farm.Frame })).Frame;
        Assert.Equal((2, Wire.FrameState.Succeeded, 10), (one.Number, one.State, one.TotalCoreTime));

        await farm.AwayAsync();
        var search = new Wire.FrameSearchCriteria { FrameRange = "2-3" };
        Assert.Equal(2, (await farm.Server.Jobs.GetFramesAsync(new() { Job = farm.Job, Req = search })).Frames.Frames.Count);

        await farm.AwayAsync();
        var updated = await farm.Server.Jobs.GetUpdatedFramesAsync(new() { Job = farm.Job, LastCheck = (int)DateTimeOffset.FromUnixTimeMilliseconds(farm.Server.Engine.Now.WallMs).ToUnixTimeSeconds() - 50 });
        Assert.Equal(4, updated.UpdatedFrames.UpdatedFrames.Count);

        // Counts and sums need no frames.
        await farm.AwayAsync();
        var job = (await farm.Server.Jobs.GetJobAsync(new() { Id = farm.Job.Id })).Job;
        Assert.Equal((4, 4, 4L), (job.JobStats.TotalFrames, job.JobStats.SucceededFrames, job.JobStats.RenderedFrameCount));
        Assert.Equal(3, (await farm.Server.Layers.GetLayerAsync(new() { Id = farm.Layer.Id })).Layer.LayerStats.SucceededFrames);
        Assert.Equal(4, (await farm.Server.Admin.GetStatusAsync(new())).Counts.Frames);
        Assert.Empty((await farm.Server.Admin.VerifyAsync(new())).Problems);
        Assert.True(await farm.AreAwayAsync());
    }

    [Fact]
    public async Task A_frame_of_a_job_that_finished_before_the_restart_is_retried_and_runs()
    {
        await using var farm = await StartAsync();
        await farm.AwayAsync();
        await farm.RestartAsync();
        Assert.True(await farm.AreAwayAsync());

        await farm.Server.Frames.RetryAsync(new() { Frame = new() { Id = farm.Frame } });
        await farm.Server.AddHostAsync("node2");
        await farm.Server.WaitForFrameAsync(farm.Frame, Wire.FrameState.Running);
        Assert.Equal(Wire.JobState.Pending, (await farm.Server.Jobs.GetJobAsync(new() { Id = farm.Job.Id })).Job.State);
        await farm.Server.CompleteAsync(farm.Frame);

        var job = (await farm.Server.Jobs.GetJobAsync(new() { Id = farm.Job.Id })).Job;
        Assert.Equal((Wire.JobState.Finished, 4, 5L), (job.State, job.JobStats.SucceededFrames, job.JobStats.RenderedFrameCount));
        Assert.Empty((await farm.Server.Admin.VerifyAsync(new())).Problems);

        // It is at rest as it is now.
        await farm.AwayAsync();
        await farm.RestartAsync();
        Assert.Equal(20, (await farm.Server.Frames.GetFrameAsync(new() { Id = farm.Frame })).Frame.TotalCoreTime);
    }

    [Fact]
    public async Task A_whole_job_is_retried_and_eaten()
    {
        await using var farm = await StartAsync();
        await farm.AwayAsync();
        await farm.Server.Layers.RetryFramesAsync(new() { Layer = farm.Layer });
        await farm.Server.WaitForFrameAsync(farm.Frame, Wire.FrameState.Waiting);
        await farm.Server.Jobs.EatFramesAsync(new() { Job = farm.Job, Req = new() });
        await farm.Server.WaitForFrameAsync(farm.Frame, Wire.FrameState.Eaten);

        await farm.AwayAsync();
        await farm.Server.Frames.EatAsync(new() { Frame = new() { Id = farm.Frame } });
        var stats = (await farm.Server.Jobs.GetJobAsync(new() { Id = farm.Job.Id })).Job.JobStats;
        Assert.Equal((1, 3), (stats.SucceededFrames, stats.EatenFrames));
        Assert.Empty((await farm.Server.Admin.VerifyAsync(new())).Problems);
    }

    [Fact]
    public async Task What_comes_later_may_depend_on_them()
    {
        await using var farm = await StartAsync();
        await farm.AwayAsync();
        var next = await farm.Server.LaunchAsync("next", SpecText.Layer("comp", "1-3"));
        var layer = (await farm.Server.Jobs.GetLayersAsync(new() { Job = next })).Layers.Layers.Single();
        var frame = (await farm.Server.Frames.FindFrameAsync(new() { Job = next.Name, Layer = "comp", Frame = 1 })).Frame;

        await farm.AwayAsync();
        var byFrame = (await farm.Server.Layers.CreateFrameByFrameDependencyAsync(new() { Layer = layer, DependLayer = farm.Layer })).Depend;
        Assert.False(byFrame.Active);
        await farm.AwayAsync();
        var onFrame = (await farm.Server.Frames.CreateDependencyOnFrameAsync(new() { Frame = frame, DependOnFrame = new() { Id = farm.Frame } })).Depend;
        Assert.False(onFrame.Active);
        await farm.AwayAsync();
        Assert.False((await farm.Server.Layers.CreateDependencyOnLayerAsync(new() { Layer = layer, DependOnLayer = farm.Layer })).Depend.Active);
        Assert.Equal(Wire.FrameState.Waiting, (await farm.Server.Frames.GetFrameAsync(new() { Id = frame.Id })).Frame.State);

        await farm.AwayAsync();
        var waiters = await farm.Server.Frames.GetWhatDependsOnThisAsync(new() { Frame = new() { Id = farm.Frame } });
        Assert.Equal(2, waiters.Depends.Depends.Count);
        Assert.Equal(2, (await farm.Server.Layers.GetWhatDependsOnThisAsync(new() { Layer = farm.Layer })).Depends.Depends.Count(d => d.Type != Wire.DependType.FrameOnFrame));

        // A retry brings back what waited.
        await farm.RestartAsync();
        await farm.Server.Frames.RetryAsync(new() { Frame = new() { Id = farm.Frame } });
        var second = (await farm.Server.Frames.FindFrameAsync(new() { Job = next.Name, Layer = "comp", Frame = 2 })).Frame;
        Assert.Equal(Wire.FrameState.Depend, second.State);
        Assert.Empty((await farm.Server.Admin.VerifyAsync(new())).Problems);
    }

    [Fact]
    public async Task They_go_to_history_from_where_they_are()
    {
        await using var farm = await StartAsync();
        await farm.AwayAsync();
        var (job, layer) = (EntityId.Parse(farm.Job.Id), EntityId.Parse(farm.Layer.Id));
        await farm.Server.DoAsync(edit =>
        {
            edit.Set(edit.Farm.Jobs.Find(job)!, edit.Farm.Jobs.Find(job)!.Row with { StoppedAtMs = 1 });
            return JobRules.ArchiveDue(edit, 10);
        });

        await Assert.ThrowsAsync<RpcException>(async () => await farm.Server.Frames.GetFrameAsync(new() { Id = farm.Frame }));
        var history = await farm.Store.FindArchivedFramesAsync(layer, 0, 10, default);
        Assert.Equal([FrameState.Succeeded, FrameState.Succeeded, FrameState.Succeeded], history.Select(f => f.Value.State));
        Assert.Equal([10, 10, 10], history.Select(f => f.Value.CoreSeconds));
        Assert.Empty((await farm.Server.Admin.VerifyAsync(new())).Problems);
        await farm.RestartAsync();
        Assert.Empty((await farm.Server.Admin.VerifyAsync(new())).Problems);
    }

    [Fact]
    public async Task A_log_is_read_without_them()
    {
        await using var farm = await StartAsync();
        var path = Path.Combine(farm.Job.LogDir, $"{farm.Job.Name}.0002-render.rqlog");
        Directory.CreateDirectory(farm.Job.LogDir);
        await File.WriteAllTextAsync(path, "done\n");
        await farm.AwayAsync();
        var log = await farm.Server.Admin.ReadFrameLogAsync(new() { FrameId = farm.Frame, WaitMs = 30_000, Offset = 5 });
        Assert.Equal((5, false), (log.Size, log.IsRunning));
        Assert.True(await farm.AreAwayAsync());
    }

    private async Task<FinishedFarm> StartAsync()
    {
        var farm = new FinishedFarm(OpenAsync, new FarmSettings { LogRoot = _folder });
        await farm.StartAsync();
        return farm;
    }

    /// <summary>A server with a job that has finished.</summary>
    private sealed class FinishedFarm(Func<Task<IFarmStore>> open, FarmSettings settings) : IAsyncDisposable
    {
        public IFarmStore Store { get; private set; } = null!; // Set by StartAsync.

        public TestServer Server { get; private set; } = null!; // Set by StartAsync.

        public Wire.Job Job { get; private set; } = new();

        public Wire.Layer Layer { get; private set; } = new();

        /// <summary>Frame 2 of the layer.</summary>
        public string Frame { get; private set; } = "";

        public async Task StartAsync()
        {
            Store = await open();
            Server = await TestServer.StartAsync(Store, settings);
            Job = await Server.LaunchAsync("comp", SpecText.Layer("render", "1-3"), SpecText.Layer("post", "1"));
            Layer = (await Server.Jobs.GetLayersAsync(new() { Job = Job })).Layers.Layers[0];
            await Server.AddHostAsync("node1", cores: 8);
            var frames = (await Server.Jobs.GetFramesAsync(new() { Job = Job })).Frames.Frames;
            Frame = frames.Single(f => f is { LayerName: "render", Number: 2 }).Id;
            foreach (var frame in frames)
            {
                await Server.WaitForFrameAsync(frame.Id, Wire.FrameState.Running);
                await Server.CompleteAsync(frame.Id);
            }

            await Server.Hosts.LockAsync(new() { Host = (await Server.Hosts.FindHostAsync(new() { Name = "node1" })).Host });
        }

        /// <summary>The job's frames leave memory.</summary>
        public async Task AwayAsync()
        {
            var id = EntityId.Parse(Job.Id);
            await Server.DoAsync(edit => JobRest.Put(edit, edit.Farm.Jobs.Find(id)!));
            await Server.DoAsync(edit => edit.Farm.Resting.LetGo(long.MaxValue, long.MaxValue, 0, int.MaxValue));
            Assert.True(await AreAwayAsync());
        }

        public Task<bool> AreAwayAsync()
        {
            var id = EntityId.Parse(Job.Id);
            return Server.Engine.PeekAsync(farm => farm.Jobs.Find(id)!.Layers.TrueForAll(l => !l.HasFrames), CancellationToken.None);
        }

        public async Task RestartAsync()
        {
            await Server.DisposeAsync();
            await Store.DisposeAsync();
            Store = await open();
            Server = await TestServer.StartAsync(Store, settings);
        }

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            await Store.DisposeAsync();
        }
    }
}

/// <summary>In memory.</summary>
public sealed class FinishedFramesInMemoryTests : FinishedFramesTests
{
    private readonly MemoryDatabase _database = new();

    protected override Task<IFarmStore> OpenAsync() => Task.FromResult<IFarmStore>(new MemoryStore(_database));
}

/// <summary>On SQLite.</summary>
public sealed class FinishedFramesOnSqliteTests : FinishedFramesTests
{
    protected override Task<IFarmStore> OpenAsync() =>
        Task.FromResult<IFarmStore>(new SqliteFarmStore(Path.Combine(Folder, "cue.db"), TimeProvider.System, NullLogger<SqliteFarmStore>.Instance));
}

/// <summary>On PostgreSQL.</summary>
public sealed class FinishedFramesOnPostgresTests(FinishedFramesOnPostgresTests.Server server) : FinishedFramesTests, IClassFixture<FinishedFramesOnPostgresTests.Server>
{
    private string? _database;

    protected override async Task<IFarmStore> OpenAsync()
    {
        _database ??= await server.Postgres.CreateDatabaseAsync();
        return new PostgresFarmStore(_database, allowUnsafe: false, TimeProvider.System, NullLogger<PostgresFarmStore>.Instance);
    }

    /// <summary>A PostgreSQL for the tests of this class.</summary>
    public sealed class Server : IAsyncLifetime
    {
        public PrivatePostgres Postgres { get; private set; } = null!; // Set before the first test.

        public async ValueTask InitializeAsync() => Postgres = await PrivatePostgres.StartAsync();

        public ValueTask DisposeAsync() => Postgres.DisposeAsync();
    }
}
