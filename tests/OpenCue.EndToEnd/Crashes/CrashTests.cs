using System.Globalization;
using Grpc.Core;
using OpenCue.EndToEnd.Support;
using OpenCue.Protocol;
using OpenCue.Protocol.V1;
using OpenCue.TestSupport;

namespace OpenCue.EndToEnd.Crashes;

/// <summary>
/// Server and agents are killed with SIGKILL at random moments while jobs are submitted and frames run. Afterwards nothing that was acknowledged is
/// missing, no frame ran twice at once or more often than it had to, and every exit status is the true one.
/// </summary>
/// <remarks>
/// CRASH_ROUNDS and CRASH_SEED ask for other numbers than the usual ones; the script <c>tests/crash</c> sets them.
/// </remarks>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int FramesPerJob = 24;
    private const int FailingStatus = 3;

    private static readonly int s_rounds = Number("CRASH_ROUNDS", 10);

    [Fact]
    public async Task Nothing_is_lost_or_doubled_when_everything_is_killed_at_random_on_SQLite()
    {
        using var folder = new TemporaryFolder();
        await RunAsync(folder.Path, database: null, ["--data", Path.Combine(folder.Path, "data")]);
    }

    [Fact]
    public async Task Nothing_is_lost_or_doubled_when_everything_is_killed_at_random_on_PostgreSQL()
    {
        using var folder = new TemporaryFolder();
        await using var postgres = await PrivatePostgres.StartAsync();
        await RunAsync(folder.Path, postgres, ["--postgres", await postgres.CreateDatabaseAsync()]);
    }

    private async Task RunAsync(string folder, PrivatePostgres? database, string[] store)
    {
        var seed = Number("CRASH_SEED", Environment.TickCount & 0xFFFF);
        output.WriteLine($"CRASH_SEED={seed} CRASH_ROUNDS={s_rounds}");
        var random = new Random(seed);
        var witness = new Witness(Path.Combine(folder, "witness"));
        await using var farm = new CrashFarm(folder, store);
        farm.StartAll();
        try
        {
            using var stop = new CancellationTokenSource();
            var submitting = SubmitAsync(farm, witness, stop.Token);
            await KillAsync(farm, database, random);
            await stop.CancelAsync();
            await CheckAsync(farm, witness, await submitting);
        }
        catch (Exception)
        {
            output.WriteLine($"seed {seed}");
            output.WriteLine(farm.Tails);
            throw;
        }
    }

    private static async Task KillAsync(CrashFarm farm, PrivatePostgres? database, Random random)
    {
        for (var round = 0; round < s_rounds; round++)
        {
            // Mostly in the middle of work, sometimes while things start and load. The moment itself is left to chance.
            if (random.Next(4) > 0)
            {
                await WhenServingAsync(farm);
            }

            await Task.Delay(random.Next(0, 2500), CancellationToken.None);
            farm.ExpectAllAlive();
            var victims = Enumerable.Range(0, CrashFarm.Victims).Where(_ => random.Next(2) == 0).DefaultIfEmpty(0).ToList();
            victims.ForEach(farm.Kill);
            var databaseToo = database is not null && random.Next(4) == 0;
            if (databaseToo)
            {
                await database!.CrashAsync();
            }

            await Task.Delay(random.Next(0, 800), CancellationToken.None);
            if (databaseToo)
            {
                // Sometimes the server is back before its database is.
                await Task.WhenAll(database!.RestartAsync(), Task.Run(() => victims.ForEach(farm.Restart)));
            }
            else
            {
                victims.ForEach(farm.Restart);
            }
        }
    }

    private static async Task WhenServingAsync(CrashFarm farm)
    {
        var cue = new CueInterface.CueInterfaceClient(farm.Channel);
        var jobs = new JobInterface.JobInterfaceClient(farm.Channel);
        await Eventually.TrueAsync(
            async () =>
            {
                await cue.GetSystemStatsAsync(new CueGetSystemStatsRequest());
                return (await jobs.GetJobsAsync(new JobGetJobsRequest { R = new JobSearchCriteria() })).Jobs is not null;
            },
            TimeSpan.FromMinutes(2),
            () => $"The server did not come back.\n{farm.Tails}");
    }

    /// <summary>Submits jobs until told to stop, and gives the names of those that were acknowledged.</summary>
    private static async Task<List<string>> SubmitAsync(CrashFarm farm, Witness witness, CancellationToken stop)
    {
        var jobs = new JobInterface.JobInterfaceClient(farm.Channel);
        var acknowledged = new List<string>();
        for (var number = 0; !stop.IsCancellationRequested || acknowledged.Count == 0; number++)
        {
            try
            {
                var reply = await jobs.LaunchSpecAndWaitAsync(
                    new JobLaunchSpecAndWaitRequest { Spec = Spec($"crash{number:0000}", witness) },
                    new CallOptions(deadline: DateTime.MaxValue, cancellationToken: CancellationToken.None));
                acknowledged.AddRange(reply.Jobs.Jobs.Select(j => j.Name));
            }
            catch (RpcException)
            {
                // Killed meanwhile: the job may be there or not, and the next one has another name.
                continue;
            }

            // As much work as the hosts can do, no more: the rest of the time the queue would only grow.
            await Eventually.TrueAsync(
                async () => stop.IsCancellationRequested || await UnfinishedFramesAsync(jobs) < FramesPerJob,
                TimeSpan.FromMinutes(3),
                () => $"The frames of {acknowledged.Count} jobs did not get done.\n{farm.Tails}");
        }

        return acknowledged;
    }

    private static async Task<int> UnfinishedFramesAsync(JobInterface.JobInterfaceClient jobs)
    {
        var all = await jobs.GetJobsAsync(new JobGetJobsRequest { R = new JobSearchCriteria { IncludeFinished = true } });
        return all.Jobs.Jobs.Sum(j => j.JobStats.WaitingFrames + j.JobStats.RunningFrames + j.JobStats.DependFrames);
    }

    private static async Task CheckAsync(CrashFarm farm, Witness witness, List<string> acknowledged)
    {
        var client = new JobInterface.JobInterfaceClient(farm.Channel);
        await Eventually.TrueAsync(
            async () => await UnfinishedFramesAsync(client) == 0,
            TimeSpan.FromMinutes(3),
            () => $"Frames are left that wait or run.\n{farm.Tails}");

        var found = (await client.GetJobsAsync(new JobGetJobsRequest { R = new JobSearchCriteria { IncludeFinished = true } })).Jobs.Jobs;
        Assert.NotEmpty(acknowledged);
        Assert.Empty(acknowledged.Except(found.Select(j => j.Name)));
        Assert.Empty(witness.Doubles);

        var (starts, ends) = (witness.Starts(), witness.Ends());
        foreach (var job in found)
        {
            var frames = (await client.GetFramesAsync(new JobGetFramesRequest { Job = job, Req = new FrameSearchCriteria { Limit = 1000, Page = 1 } })).Frames.Frames;
            Assert.Equal(FramesPerJob * 2, frames.Count);
            foreach (var frame in frames)
            {
                // Nobody kills frames here, so each run ends by itself: once for those that succeed, twice for those that fail and are retried.
                var fails = Fails(frame.Number);
                var runs = fails ? 2 : 1;
                Assert.True(frame.State == (fails ? FrameState.Dead : FrameState.Succeeded), $"{job.Name} {frame.Name} is {frame.State}");
                Assert.True(frame.ExitStatus == (fails ? FailingStatus : 0), $"{job.Name} {frame.Name} has exit status {frame.ExitStatus}");
                Assert.True(starts.GetValueOrDefault(frame.Id) == runs, $"{job.Name} {frame.Name} started {starts.GetValueOrDefault(frame.Id)} times");
                Assert.True(ends[frame.Id].Count == runs, $"{job.Name} {frame.Name} ended {ends[frame.Id].Count} times");
            }
        }

        await ExpectBalancedBooksAsync(farm);
    }

    private static async Task ExpectBalancedBooksAsync(CrashFarm farm)
    {
        var admin = new AdminInterface.AdminInterfaceClient(farm.Channel);
        Assert.Empty((await admin.VerifyAsync(new VerifyRequest())).Problems);
        Assert.Empty((await admin.GetUnknownRunsAsync(new GetUnknownRunsRequest())).Runs);
        var procs = await new ProcInterface.ProcInterfaceClient(farm.Channel).GetProcsAsync(new ProcGetProcsRequest { R = new ProcSearchCriteria() });
        Assert.Empty(procs.Procs.Procs);
    }

    private static bool Fails(int frame) => frame % 9 == 0;

    private static string Spec(string name, Witness witness)
    {
        var root = Environment.UserName == "root";
        var user = root ? "nobody" : Environment.UserName;
        var uid = root ? "<uid>65534</uid>" : "";
        string Layer(string layer, string status, string range) =>
            $"""
            <layer name="{layer}" type="Render"><cmd>{witness.Script} {witness.Folder} {status} 0.#IFRAME#</cmd><range>{range}</range><chunk>1</chunk>
            <cores>1.0</cores><threadable>false</threadable><memory>1g</memory><services><service>shell</service></services></layer>
            """;

        var failing = string.Join(',', Enumerable.Range(1, FramesPerJob).Where(Fails));
        var good = string.Join(',', Enumerable.Range(1, FramesPerJob).Where(f => !Fails(f)));
        return
            $"""
            <?xml version="1.0"?>
            <!DOCTYPE spec PUBLIC "SPI Cue Specification Language" "http://localhost:8080/spcue/dtd/cjsl-1.15.dtd">
            <spec><facility>local</facility><show>testing</show><shot>crash</shot><user>{user}</user>{uid}
            <job name="{name}"><paused>false</paused><maxretries>1</maxretries><layers>
            {Layer("good_one", "0", good)}{Layer("bad_one", FailingStatus.ToString(CultureInfo.InvariantCulture), failing)}
            {Layer("good_two", "0", good)}{Layer("bad_two", FailingStatus.ToString(CultureInfo.InvariantCulture), failing)}
            </layers></job></spec>
            """;
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
