using Grpc.Core;
using OpenCue.Engine;
using OpenCue.Engine.Sinks;
using OpenCue.Engine.Storing;
using OpenCue.Simulator.Faults.Plans;
using OpenCue.Simulator.Faults.Servers;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Variants;

/// <summary>
/// A server that is broken on purpose, to see that the checks notice. It replaces what is plugged into the server anyway (store, steps, sink of effects,
/// handling of reports), so nothing in the server knows of it.
/// </summary>
internal class FaultVariant(string name)
{
    /// <summary>The server as it is.</summary>
    public static FaultVariant None { get; } = new("none");

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>The scenario in which it shows.</summary>
    public Scenario Scenario { get; init; } = Scenarios.Random;

    /// <summary>A plan with this server.</summary>
    public FaultPlan PlanOf(ulong seed) => Scenario.Plan(seed) with { Variant = this, MustHappen = [] };

    /// <summary>The server's connection to the database.</summary>
    public virtual IFarmStore Store(SimWorld world, SimServer server, IFarmStore store) => store;

    /// <summary>Steps that come after the server's own.</summary>
    public virtual IEnumerable<IBatchStep> Steps(SimWorld world, SimServer server) => [];

    /// <summary>Where effects go.</summary>
    public virtual IEffectSink Effects(SimWorld world, SimServer server, IEffectSink sink) => sink;

    /// <summary>Handles an agent's report; it is acknowledged when the task completes.</summary>
    public virtual Task ReportAsync(SimWorld world, SimServer server, SimHost host, object request, ServerCallContext context) =>
        server.HandleAsync(request, context);

    /// <summary>What goes to an agent.</summary>
    public virtual (object Request, string? RunId) Outgoing(SimWorld world, SimServer server, SimHost? host, object request, string? runId) => (request, runId);
}
