using OpenCue.Simulator.Faults.Agents;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Plans;

/// <summary>A kind of plan with a name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What happens in it.</param>
/// <param name="Plan">Makes its plan for a seed.</param>
internal sealed record Scenario(string Name, string Description, Func<ulong, FaultPlan> Plan);

/// <summary>
/// The scenarios that can be asked for by name: one in which anything may happen, and one for each of the ways in which frames got lost or doubled on real
/// farms. In each of these its fault is forced, amid others; a run in which it did not happen fails.
/// </summary>
internal static class Scenarios
{
    private const long Second = 1000;
    private const long Minute = 60_000;

    private static readonly SimAgentKind[] Foreign = [SimAgentKind.Python, SimAgentKind.Rust];
    private static readonly SimAgentKind[] Any = [SimAgentKind.Ours, SimAgentKind.Python, SimAgentKind.Rust];

    /// <summary>Anything may happen.</summary>
    public static Scenario Random { get; } = new("random", "Anything may happen.", PlanMaker.Random);

    /// <summary>One for each way in which frames got lost or doubled.</summary>
    public static IReadOnlyList<Scenario> Ways { get; } =
    [
        Way(1, "unreachable-host", "A host can't be reached while its renders go on.", Any, 45 * Minute, Weather.Fine, ["reports cut off", "events: RunUnknown"],
            (c, length) => [.. Times(c, 3, Minute, 10 * Minute, at => new FaultAction(at, FaultKind.CutOff, c.Below(99), c.Between(23 * Minute, 30 * Minute)))]),
        Way(2, "retry-before-kill", "A frame is retried, and its kill lands late or never.", Any, 8 * Minute, new Weather(60, 60, 250, 30, 60),
            ["runs ended after a retry"], (c, length) => Many(c, length, 40, FaultKind.UserRetriesFrame)),
        Way(3, "stale-completion", "Ends are reported late and more than once.", Any, 8 * Minute, new Weather(40, 150, 250, 300, 0),
            ["completions that came again"], (c, length) => [.. Many(c, length, 15, FaultKind.UserRetriesFrame), .. Many(c, length, 3, FaultKind.ServerDies)]),
        Way(4, "launch-timeout", "Launches are not answered.", Any, 8 * Minute, new Weather(150, 200, 150, 50, 100), ["launches without an answer"],
            (c, length) => Many(c, length, 6, FaultKind.UserSubmits)),
        Way(5, "completion-not-accepted", "The server dies or is silent when an end is reported.", Any, 8 * Minute, new Weather(50, 250, 100, 50, 0),
            ["completions that came again"], (c, length) => Many(c, length, 12, FaultKind.ServerDiesAtStep)),
        Way(6, "agent-forgot", "An agent restarts, and does not know what it is asked to kill.", Foreign, 10 * Minute, Weather.Fine, ["kills answered with not found"],
            (c, length) => [.. Many(c, length, 12, FaultKind.AgentRestartsWithRenders, FaultKind.AgentRestarts), .. Many(c, length, 50, FaultKind.UserRetriesFrame, FaultKind.UserKillsFrame)]),
        Way(7, "store-errors", "The store fails for a while.", Any, 8 * Minute, Weather.Fine, ["commits that failed"],
            (c, length) => Many(c, length, 25, FaultKind.StoreFails, FaultKind.StoreStalls, FaultKind.StoreKeepsSilent)),
        Way(8, "slow-host", "A host hangs while frames on it and on others are killed.", Any, 10 * Minute, Weather.Fine, ["calls to a host that hangs"],
            (c, length) => [.. Many(c, length, 14, FaultKind.HostHangs), .. Many(c, length, 30, FaultKind.UserKillsFrame, FaultKind.UserKillsJob, FaultKind.UserRetriesFrame)]),
        Way(9, "lost-completion", "The one report of an end is lost.", [SimAgentKind.Python], 8 * Minute, new Weather(100, 20, 50, 0, 0), ["ends lost for good"],
            (c, length) => Many(c, length, 5, FaultKind.UserSubmits)),
        Way(10, "batch-again", "A batch is committed, and its answer is an error.", Any, 8 * Minute, Weather.Fine, ["commits done without saying so"],
            (c, length) => Many(c, length, 30, FaultKind.StoreKeepsSilent)),
        Way(11, "two-servers", "A second server takes over the store while the first one works.", Any, 10 * Minute, Weather.Fine, ["servers that were deposed"],
            (c, length) => Many(c, length, 8, FaultKind.SecondServer)),
        Way(12, "counters", "People change caps, pause, kill, retry, eat and unbook at random.", Any, 8 * Minute, Weather.Fine, ["actions acknowledged"],
            (c, length) => Many(
                c, length, 120, FaultKind.UserSetsBurst, FaultKind.UserSetsLimit, FaultKind.UserSetsMaxCores, FaultKind.UserKillsFrame, FaultKind.UserRetriesFrame,
                FaultKind.UserEatsFrame, FaultKind.UserUnbooks, FaultKind.UserPauses, FaultKind.UserSubmits, FaultKind.UserRetriesJob)),
        Way(13, "container-restart", "An agent's container restarts: a new boot time, and renders that live on.", Any, 12 * Minute, Weather.Fine,
            ["containers that restarted with renders"], (c, length) => Many(c, length, 12, FaultKind.ContainerRestarts)),
        Way(14, "clock-jumps", "Clocks jump.", Any, 12 * Minute, Weather.Fine, ["jumps of a server's clock", "jumps of a host's clock"],
            (c, length) => [.. Many(c, length, 10, FaultKind.ServerClockJumps), .. Many(c, length, 15, FaultKind.HostClockJumps), .. Many(c, length, 4, FaultKind.HostReboots)]),
        Way(15, "late-kill", "Kills arrive after they were given up.", Foreign, 10 * Minute, new Weather(20, 50, 450, 0, 150),
            ["calls carried out after they were given up"], (c, length) => Many(c, length, 70, FaultKind.UserRetriesFrame, FaultKind.UserKillsFrame)),
        Way(16, "kill-overtakes-launch", "Frames are killed the moment they are launched.", Any, 6 * Minute, new Weather(10, 20, 300, 20, 50),
            ["kills of runs that were starting"], (c, length) => Many(c, length, 150, FaultKind.UserRetriesFrame, FaultKind.UserUnbooks)),
        Way(17, "wrong-database", "The server is started on an old copy of its database.", Any, 12 * Minute, Weather.Fine, ["databases restored"],
            (c, length) => [new FaultAction(length / 2, FaultKind.StoreRestored, 0, c.Between(Minute, 4 * Minute))]),
        Way(18, "effect-lost", "The server dies between a commit and what it asks for.", Any, 8 * Minute, Weather.Fine, ["servers that died after a commit, before its answer", "effects dropped"],
            (c, length) => Many(c, length, 90, FaultKind.ServerDiesAfterCommit, FaultKind.EffectsDropped, FaultKind.UserRetriesFrame)),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Scenario> All { get; } = [Random, .. Ways];

    /// <summary>The scenario with this name, or null.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(s => s.Name == name || s.Name.Split('-', 2)[^1] == name);

    private static Scenario Way(
        int number,
        string name,
        string description,
        SimAgentKind[] kinds,
        long length,
        Weather weather,
        string[] mustHappen,
        Func<Chance, long, IReadOnlyList<FaultAction>> actions)
    {
        var full = string.Create(CultureInfo.InvariantCulture, $"way{number:00}-{name}");
        return new Scenario(full, description, seed =>
        {
            var chance = Chance.Of(seed, full);
            var count = 3 + chance.Below(3);
            return new FaultPlan
            {
                Seed = seed,
                Scenario = full,
                Hosts = [.. Enumerable.Range(0, count).Select(i => kinds[(i + (int)(seed % 7)) % kinds.Length])],
                LengthMs = length,
                Weather = weather,
                Jobs = 4,
                LongRenders = number == 1,
                Actions = [.. actions(chance, length).Concat(Many(chance, length, 6, FaultKind.UserSubmits)).OrderBy(a => a.AtMs)],
                MustHappen = mustHappen,
            };
        });
    }

    private static IReadOnlyList<FaultAction> Many(Chance chance, long length, int count, params FaultKind[] kinds) =>
        [.. Times(chance, count, 8 * Second, length - Minute, at =>
        {
            var kind = chance.Pick(kinds);
            return new FaultAction(at, kind, chance.Below(1_000_000), PlanMaker.AmountOf(chance, kind));
        })];

    private static IEnumerable<FaultAction> Times(Chance chance, int count, long from, long to, Func<long, FaultAction> action) =>
        Enumerable.Range(0, count).Select(_ => action(chance.Between(from, to)));
}
