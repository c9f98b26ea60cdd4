using System.Collections.Immutable;
using OpenCue.Rqd.Frames;
using OpenCue.Rqd.Hosting;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Tests.Frames;

public sealed class FrameEnvironmentTests
{
    [Fact]
    public void A_frame_knows_its_job_frame_host_and_log()
    {
        var order = Orders.Frame();

        var environment = Build(order);

        Assert.Equal(order.JobName, environment["jobid"]);
        Assert.Equal((order.FrameName, order.FrameName), (environment["frame"], environment["zframe"]));
        Assert.Equal("/tmp/logs/show-shot-user_job.0001-render.rqlog", environment["logfile"]);
        Assert.Equal(("host7", "show", "shot"), (environment["jobhost"], environment["show"], environment["shot"]));
        Assert.Equal(("artist", "artist", "/home/artist"), (environment["USER"], environment["LOGNAME"], environment["HOME"]));
        Assert.Equal(("1", "1"), (environment["CUE3"], environment["CUE_THREADS"]));
    }

    [Fact]
    public void The_jobs_variables_win_and_its_path_comes_first()
    {
        var order = Orders.Frame();
        order = order with { Environment = order.Environment.Add("show", "other").Add("PATH", "/studio/bin").Add("CUE_THREADS", "4") };

        var environment = Build(order);

        Assert.Equal(("other", "4"), (environment["show"], environment["CUE_THREADS"]));
        Assert.StartsWith("/studio/bin:/usr/local/sbin:", environment["PATH"], StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_else_of_the_agents_environment_gets_out()
    {
        Environment.SetEnvironmentVariable("RQD_TEST_SECRET", "s3cret");

        Assert.DoesNotContain("RQD_TEST_SECRET", Build(Orders.Frame()).Keys);
        Assert.Equal("s3cret", Build(Orders.Frame(), new RqdOptions { AgentVariables = ["RQD_TEST_SECRET"] })["RQD_TEST_SECRET"]);
        Assert.Equal("", Build(Orders.Frame(), new RqdOptions { AgentVariables = ["RQD_TEST_MISSING"] })["RQD_TEST_MISSING"]);
        Assert.Equal("s3cret", Build(Orders.Frame(), new RqdOptions { AllAgentVariables = true })["RQD_TEST_SECRET"]);
    }

    [Fact]
    public void A_pinned_frame_may_use_all_threads_of_its_cores()
    {
        var environment = Build(Orders.Frame().Threadable(), processors: [0, 1, 8, 9]);

        Assert.Equal(("4", "True"), (environment["CUE_THREADS"], environment["CUE_HT"]));
    }

    [Fact]
    public void Sites_can_place_homes_and_mail_elsewhere()
    {
        var environment = Build(Orders.Frame(), new RqdOptions { HomePrefix = "/u", MailPrefix = "/var/mail" });

        Assert.Equal(("/u/artist", "/var/mail/artist"), (environment["HOME"], environment["MAIL"]));
    }

    [Fact]
    public void The_header_shows_what_is_run_but_no_passwords()
    {
        var order = Orders.Frame("render -s 1");
        order = order with { Environment = order.Environment.Add("SG_API_KEY", "abc").Add("DB_PASSWORD", "def").Add("SCENE", "a\nb") };
        var record = Record(order, []);

        var header = FrameLogHeader.Write(order, record, new FrameIdentity(1001, 20, [20]), "/tmp", "host7", DateTimeOffset.UnixEpoch, Build(order));

        Assert.Contains("command     render -s 1\n", header, StringComparison.Ordinal);
        Assert.Contains("artist (uid 1001, gid 20)", header, StringComparison.Ordinal);
        Assert.Contains("\nSCENE=a b\n", header, StringComparison.Ordinal);
        Assert.Contains("\nSG_API_KEY=(not shown)\n", header, StringComparison.Ordinal);
        Assert.DoesNotContain("def\n", header, StringComparison.Ordinal);
    }

    private static ImmutableSortedDictionary<string, string> Build(
        FrameOrder order, RqdOptions? options = null, ImmutableArray<int>? processors = null) =>
        FrameEnvironment.Build(
            order, Record(order, processors ?? []), new UserAccount("artist", 1001, 20, "/home/artist"), options ?? new RqdOptions(), "host7", 2);

    private static RunRecord Record(FrameOrder order, ImmutableArray<int> processors) =>
        RunRecord.Accept(order, processors, DateTimeOffset.UnixEpoch, "boot");
}
