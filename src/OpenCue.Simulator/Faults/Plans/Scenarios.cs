namespace OpenCue.Simulator.Faults.Plans;

/// <summary>A kind of plan with a name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What happens in it.</param>
/// <param name="Plan">Makes its plan for a seed.</param>
internal sealed record Scenario(string Name, string Description, Func<ulong, FaultPlan> Plan);

/// <summary>The scenarios that can be asked for by name.</summary>
internal static class Scenarios
{
    /// <summary>Anything may happen.</summary>
    public static Scenario Random { get; } = new("random", "Anything may happen.", PlanMaker.Random);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Scenario> All { get; } = [Random];

    /// <summary>The scenario with this name, or null.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(s => s.Name == name);
}
