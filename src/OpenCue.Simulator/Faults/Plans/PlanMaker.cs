using OpenCue.Simulator.Faults.Agents;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Plans;

/// <summary>Makes plans from seeds: which farm, which weather, what happens when.</summary>
internal static class PlanMaker
{
    private const long Second = 1000;
    private const long Minute = 60_000;

    private static readonly (FaultKind Kind, int Weight)[] Kinds =
    [
        (FaultKind.ServerDies, 6), (FaultKind.ServerDiesAtStep, 8), (FaultKind.ServerDiesAfterCommit, 4), (FaultKind.SecondServer, 3), (FaultKind.EffectsDropped, 3), (FaultKind.ServerClockJumps, 2),
        (FaultKind.StoreStalls, 4), (FaultKind.StoreFails, 3), (FaultKind.StoreKeepsSilent, 4),
        (FaultKind.AgentRestarts, 6), (FaultKind.AgentRestartsWithRenders, 4), (FaultKind.ContainerRestarts, 1), (FaultKind.HostReboots, 5), (FaultKind.HostDies, 1),
        (FaultKind.HostHangs, 4), (FaultKind.HostClockJumps, 3), (FaultKind.JournalLost, 1), (FaultKind.HostRenamed, 1),
        (FaultKind.CutOff, 4), (FaultKind.Deaf, 3), (FaultKind.Mute, 3),
        (FaultKind.UserSubmits, 8), (FaultKind.UserPauses, 4), (FaultKind.UserKillsFrame, 6), (FaultKind.UserRetriesFrame, 8), (FaultKind.UserEatsFrame, 4),
        (FaultKind.UserKillsJob, 2), (FaultKind.UserRetriesJob, 2), (FaultKind.UserUnbooks, 3), (FaultKind.UserSetsBurst, 3), (FaultKind.UserSetsMaxCores, 2),
        (FaultKind.UserSetsLimit, 2), (FaultKind.UserSetsPriority, 2), (FaultKind.UserLocksHost, 3), (FaultKind.UserCapsHost, 2), (FaultKind.UserAcceptsEnd, 1),
    ];

    private static readonly int Weights = Kinds.Sum(k => k.Weight);

    /// <summary>A plan in which anything may happen.</summary>
    public static FaultPlan Random(ulong seed)
    {
        var chance = Chance.Of(seed, "plan");
        var length = LengthOf(chance);
        return new FaultPlan
        {
            Seed = seed,
            Scenario = "random",
            Hosts = HostsOf(chance),
            LengthMs = length,
            Weather = WeatherOf(chance),
            Actions = ActionsOf(chance, length, length / chance.Between(12 * Second, 60 * Second)),
        };
    }

    /// <summary>Some hosts; mostly all with one kind of agent.</summary>
    public static IReadOnlyList<SimAgentKind> HostsOf(Chance chance)
    {
        SimAgentKind[] kinds = [SimAgentKind.Ours, SimAgentKind.Python, SimAgentKind.Rust];
        var of = chance.Below(100);
        var count = 3 + chance.Below(4);
        return [.. Enumerable.Range(0, count).Select(_ => of < 35 ? SimAgentKind.Ours : of < 50 ? SimAgentKind.Python : of < 65 ? SimAgentKind.Rust : chance.Pick(kinds))];
    }

    /// <summary>So many things that happen, by time.</summary>
    public static IReadOnlyList<FaultAction> ActionsOf(Chance chance, long lengthMs, long count)
    {
        // What happens in one run is drawn from a few kinds only, so that some runs have much of one thing.
        var favoured = Enumerable.Range(0, 6).Select(_ => KindOf(chance)).ToArray();
        var actions = new List<FaultAction>();
        for (var i = 0; i < count; i++)
        {
            var kind = chance.Permille(600) ? chance.Pick(favoured) : KindOf(chance);
            actions.Add(new FaultAction(chance.Between(5 * Second, lengthMs), kind, chance.Below(1_000_000), AmountOf(chance, kind)));
        }

        return [.. actions.OrderBy(a => a.AtMs)];
    }

    /// <summary>How much of it.</summary>
    public static long AmountOf(Chance chance, FaultKind kind) => kind switch
    {
        FaultKind.ServerDies or FaultKind.ServerDiesAtStep or FaultKind.ServerDiesAfterCommit => chance.Permille(850) ? chance.Skewed(200, 30 * Second) : chance.Between(Minute, 8 * Minute),
        FaultKind.ServerClockJumps => chance.Between(-60, 60) * Minute,
        FaultKind.StoreStalls => chance.Permille(700) ? chance.Skewed(Second, 20 * Second) : chance.Between(Minute, 6 * Minute),
        FaultKind.StoreFails or FaultKind.StoreKeepsSilent or FaultKind.EffectsDropped => chance.Between(1, 6),
        FaultKind.AgentRestarts or FaultKind.AgentRestartsWithRenders or FaultKind.JournalLost or FaultKind.ContainerRestarts => chance.Skewed(100, 2 * Minute),
        FaultKind.HostReboots => chance.Between(20 * Second, 5 * Minute),
        FaultKind.HostHangs => chance.Skewed(2 * Second, 8 * Minute),
        FaultKind.HostClockJumps => chance.Between(-120, 120) * Minute,
        FaultKind.CutOff or FaultKind.Deaf or FaultKind.Mute => chance.Permille(800) ? chance.Skewed(2 * Second, 5 * Minute) : chance.Between(5 * Minute, 30 * Minute),
        FaultKind.UserSetsBurst or FaultKind.UserSetsMaxCores => chance.Between(1, 16) * 100,
        FaultKind.UserCapsHost => chance.Between(0, 4),
        FaultKind.UserSetsLimit => chance.Between(0, 8),
        FaultKind.UserSetsPriority or FaultKind.HostRenamed => chance.Between(1, 100),
        _ => chance.Below(1000),
    };

    private static long LengthOf(Chance chance) => chance.Below(100) switch
    {
        < 60 => chance.Between(4 * Minute, 12 * Minute),
        < 90 => chance.Between(12 * Minute, 30 * Minute),
        _ => chance.Between(30 * Minute, 80 * Minute),
    };

    private static Weather WeatherOf(Chance chance) => chance.Permille(300)
        ? Weather.Fine
        : new Weather(
            (int)chance.Skewed(0, 150), (int)chance.Skewed(0, 150), (int)chance.Skewed(0, 250), (int)chance.Skewed(0, 150), (int)chance.Skewed(0, 100));

    private static FaultKind KindOf(Chance chance)
    {
        var at = chance.Below(Weights);
        foreach (var (kind, weight) in Kinds)
        {
            at -= weight;
            if (at < 0)
            {
                return kind;
            }
        }

        return Kinds[^1].Kind;
    }
}
