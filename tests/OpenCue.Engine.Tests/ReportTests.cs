using OpenCue.Farm;

namespace OpenCue.Engine.Tests;

public sealed class ReportTests
{
    private readonly List<string> _applied = [];

    private void Send(Rig rig, string host, string text, ReportKind kind = ReportKind.State) =>
        rig.Engine.Report(new ReportKey(host), kind, Actor.Maintenance, _ => _applied.Add($"{host} {text}"));

    [Fact]
    public async Task The_newest_report_of_a_host_takes_the_place_of_one_that_waits()
    {
        await using var rig = new Rig().StartByHand();
        Send(rig, "a", "1");
        Send(rig, "b", "1");
        Send(rig, "A", "2");
        Send(rig, "a", "3");
        rig.Run();
        Send(rig, "a", "4");
        rig.Run();

        Assert.Equal(["a 3", "b 1", "a 4"], _applied);
    }

    [Fact]
    public async Task A_boot_report_is_never_dropped_for_a_state_report_and_keeps_its_place()
    {
        await using var rig = new Rig().StartByHand();
        Send(rig, "a", "state 1");
        Send(rig, "a", "boot 1", ReportKind.Boot);
        Send(rig, "a", "state 2");
        Send(rig, "a", "state 3");
        Send(rig, "a", "boot 2", ReportKind.Boot);
        Send(rig, "a", "boot 3", ReportKind.Boot);
        Send(rig, "a", "state 4");
        rig.Run();

        Assert.Equal(["a state 1", "a boot 1", "a state 3", "a boot 3", "a state 4"], _applied);
    }

    [Fact]
    public async Task When_too_many_hosts_wait_state_reports_are_dropped_and_boot_reports_are_not()
    {
        await using var rig = new Rig(options: o => o with { ReportsWaiting = 2 }).StartByHand();
        Send(rig, "a", "state");
        Send(rig, "b", "state");
        Send(rig, "c", "state");
        Send(rig, "d", "boot", ReportKind.Boot);
        Send(rig, "a", "newer");
        rig.Run();

        Assert.Equal(["a newer", "b state", "d boot"], _applied);
    }

    [Fact]
    public async Task A_flood_of_reports_keeps_no_completion_and_no_action_waiting_and_drops_none_of_them()
    {
        const int Turn = 100;
        const int Reports = 50 * Turn;
        await using var rig = new Rig(options: o => o with { TurnCommands = Turn, ReportsWaiting = Reports / 2 }).StartByHand();
        for (var i = 0; i < Reports; i++)
        {
            Send(rig, $"host{i}", "flood");
        }

        var completions = Enumerable.Range(0, 3 * Turn).Select(i => Execute(rig, CommandClass.Completion, $"completion {i}")).ToList();
        var action = Execute(rig, CommandClass.UserAction, "action");
        rig.Engine.RunBatch();
        rig.Engine.RunBatch();

        // Half of a turn is theirs, however many reports wait; a person's action has its part beside.
        Assert.True(action.IsCompletedSuccessfully);
        Assert.InRange(completions.Count(task => task.IsCompletedSuccessfully), Turn / 2, 2 * Turn);
        rig.Run();
        Assert.All(completions, task => Assert.True(task.IsCompletedSuccessfully));
        Assert.Equal(Reports / 2, _applied.Count(text => text.EndsWith("flood", StringComparison.Ordinal)));
    }

    private Task<int> Execute(Rig rig, CommandClass commandClass, string text) => rig.Engine.ExecuteAsync(
        commandClass,
        Actor.Maintenance,
        _ =>
        {
            _applied.Add(text);
            return 0;
        },
        CancellationToken.None);

    [Fact]
    public async Task A_report_that_fails_disturbs_nobody()
    {
        await using var rig = new Rig().StartByHand();
        rig.Engine.Report(new ReportKey("liar"), ReportKind.State, Actor.Maintenance, edit =>
        {
            Rig.AddShow(edit, "half");
            throw new InvalidOperationException("lies");
        });
        Send(rig, "a", "1");
        rig.Run();

        Assert.Equal(["a 1"], _applied);
        Assert.Equal("", (await rig.Names()).Value);
    }
}
