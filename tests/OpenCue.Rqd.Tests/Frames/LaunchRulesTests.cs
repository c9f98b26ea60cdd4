using OpenCue.Rqd.Frames;

namespace OpenCue.Rqd.Tests.Frames;

public sealed class LaunchRulesTests
{
    public static TheoryData<string, string> BadOrders => new()
    {
        { "resource_id", "resource_id" }, { "job_id", "job_id" }, { "frame_id", "frame_id" }, { "layer_id", "layer_id" },
        { "uid 0", "uid" }, { "uid -1", "uid" }, { "slash in user", "user_name" }, { "no cores", "num_cores" }, { "negative cores", "num_cores" }, { "gpu", "num_gpus" },
        { "no command", "command" }, { "NUL in command", "command" }, { "endless command", "command" },
        { "no job name", "job_name" }, { "slash in job name", "job_name" }, { "newline in frame name", "frame_name" },
        { "relative log", "log_dir" }, { "newline in log", "log_dir" }, { "long name", "too long" },
        { "bad variable", "variable" }, { "NUL in variable", "variable" }, { "other run id", "run id" },
    };

    [Fact]
    public void A_plain_order_is_fine() => Assert.Null(LaunchRules.Check(Orders.Frame().WithRunId()));

    [Theory]
    [MemberData(nameof(BadOrders))]
    public void An_order_that_makes_no_sense_is_refused_by_its_field(string fault, string field)
    {
        var good = Orders.Frame();
        var bad = fault switch
        {
            "resource_id" => good with { ResourceId = "17" },
            "job_id" => good with { JobId = "" },
            "frame_id" => good with { FrameId = "../../etc/passwd" },
            "layer_id" => good with { LayerId = "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}" },
            "uid 0" => good with { Uid = 0 },
            "uid -1" => good with { Uid = -1 },
            "slash in user" => good with { UserName = "../root" },
            "no cores" => good with { CoreUnits = 0 },
            "negative cores" => good with { CoreUnits = -100 },
            "gpu" => good with { Gpus = 1 },
            "no command" => good with { Command = " \n" },
            "NUL in command" => good with { Command = "echo \0" },
            "endless command" => good with { Command = new string('x', 131_072) },
            "no job name" => good with { JobName = "" },
            "slash in job name" => good with { JobName = "../x" },
            "newline in frame name" => good with { FrameName = "0001\n-x" },
            "relative log" => good with { LogDirectory = "logs" },
            "newline in log" => good with { LogDirectory = "/logs\n" },
            "long name" => good with { JobName = new string('ü', 125) },
            "bad variable" => good with { Environment = good.Environment.Add("A=B", "") },
            "NUL in variable" => good with { Environment = good.Environment.Add("A", "\0") },
            "other run id" => good with { RunId = Guid.NewGuid().ToString() },
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };

        var refusal = LaunchRules.Check(bad);

        Assert.Equal(LaunchRefusalKind.Invalid, refusal?.Kind);
        Assert.Contains(field, refusal!.Message, StringComparison.Ordinal);
    }
}
