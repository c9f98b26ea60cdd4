using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using OpenCue.Cuebot.Hosting.Options;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Protocol.V1;
using OpenCue.Rpc.Client;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;

namespace OpenCue.Cuebot.Tests.Hosting;

/// <summary>A scheduling policy that is not part of cuebot: the sample.</summary>
public sealed partial class OwnPolicyTests : IDisposable
{
    /// <summary>Built in the same configuration as these tests.</summary>
    private static readonly string Sample = Path.Combine(
        Repository.Root, "samples", "deadline-policy", "bin", Path.GetRelativePath(BinFolder(), AppContext.BaseDirectory), "DeadlinePolicy.dll");

    private readonly string _folder = Directory.CreateTempSubdirectory("opencue-policy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_orders_the_work_of_a_server()
    {
        var policies = new SchedulingPolicies(PolicyAssemblies.Load(Sample), "EARLIEST_DEADLINE");
        await using var server = await TestServer.StartAsync(configure: services => services.AddSingleton(policies));
        await LaunchAsync(server, "none", null, priority: 900);
        await LaunchAsync(server, "late", "2026-12-24T18:00Z", priority: 1);
        await LaunchAsync(server, "soon", "2026-12-01T18:00Z", priority: 1);
        await server.AddHostAsync("node1", cores: 1);

        var order = new List<string>();
        while (order.Count < 3)
        {
            var running = await RunningAsync(server);
            order.Add(running.Job);
            await server.CompleteAsync(running.Frame);
        }

        Assert.Equal(["soon", "late", "none"], order);
    }

    [Fact]
    public async Task It_is_loaded_and_chosen_by_options()
    {
        await using var cuebot = CuebotProcess.Start(
            "--data", _folder, "--port", "0", "--http-port", "0", "--policies", Sample, "--set", "dispatcher.scheduling_mode=earliest_deadline");
        using var channel = new RpcChannel(Address().Match(await cuebot.WaitUntilServingAsync()).Value);
        var scheduling = new SchedulingInterface.SchedulingInterfaceClient(channel);
        var policies = await scheduling.GetPoliciesAsync(new());
        Assert.Equal("EARLIEST_DEADLINE", policies.DefaultPolicy);
        Assert.Contains(policies.Policies, policy => policy is { Name: "EARLIEST_DEADLINE", Failure: "" } && policy.Description.Contains("DEADLINE", StringComparison.Ordinal));
        Assert.All(policies.Facilities, facility => Assert.Equal("EARLIEST_DEADLINE", facility.Policy));
    }

    [Fact]
    public async Task What_can_not_be_loaded_is_told_before_anything_starts()
    {
        var (code, output) = await CuebotProcess.RunAsync("--data", _folder, "--policies", "/no/such.dll", "--set", "dispatcher.scheduling_mode=LOTTERY");
        Assert.Equal(2, code);
        Assert.Contains("--policies is \"/no/such.dll\": /no/such.dll can't be loaded", output, StringComparison.Ordinal);
        Assert.Contains("There is no scheduling policy LOTTERY. There are BALANCED, FAIR_SHARE, FIFO, PRIORITY_ONLY.", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_assembly_and_one_without_a_policy_are_told()
    {
        var text = Path.Combine(_folder, "text.dll");
        File.WriteAllText(text, "no assembly");
        Assert.Contains("can't be loaded", Assert.Throws<FormatException>(() => PolicyAssemblies.Load(text)).Message, StringComparison.Ordinal);
        var other = typeof(JobSpec).Assembly.Location;
        Assert.Contains("no public class", Assert.Throws<FormatException>(() => PolicyAssemblies.Load(other)).Message, StringComparison.Ordinal);
    }

    private static string BinFolder() => Path.Combine(Repository.Root, "tests", "OpenCue.Cuebot.Tests", "bin");

    private static async Task LaunchAsync(TestServer server, string name, string? deadline, int priority)
    {
        var job = SpecText.Job(name, SpecText.Layer("render", "1")) with { Priority = priority };
        await server.LaunchAsync(SpecText.Of(deadline is null ? job : job with { Environment = [new("DEADLINE", deadline)] }));
    }

    private static async Task<(string Job, string Frame)> RunningAsync(TestServer server)
    {
        (string, string)? found = null;
        await Eventually.TrueAsync(
            async () =>
            {
                found = await server.DoAsync(edit => edit.Farm.Runs.Values.Select(run => (run.Layer.Job.Row.Name.Split('_')[^1], run.FrameId.ToString())).FirstOrDefault());
                return found is { Item2: not null };
            },
            "a frame runs");
        return found!.Value;
    }

    [GeneratedRegex("http://[0-9.:]+")]
    private static partial Regex Address();
}
