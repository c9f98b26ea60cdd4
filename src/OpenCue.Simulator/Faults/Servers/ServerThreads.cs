using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Servers;

/// <summary>
/// Stands for all threads of one server process. What its asynchronous code would run on the pool runs as events of virtual time, one after the other, in
/// an order that chance decides; between any two of them the process may die.
/// </summary>
internal sealed class ServerThreads(SimWorld world, SimServer server) : SynchronizationContext
{
    private readonly Chance _chance = Chance.Of(world.Plan.Seed, $"threads {server.Number}");
    private readonly int _thread = Environment.CurrentManagedThreadId;

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException($"Something of the server left the simulation's thread, so the run could not be repeated: {Environment.StackTrace}");
        }

        if (server.IsAlive)
        {
            world.Events.After(_chance.Permille(5) ? _chance.Skewed(1, 1500) : _chance.Below(2), () =>
            {
                if (server.Edge("between two steps"))
                {
                    Enter(() => d(state));
                }
            });
        }
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing here may wait for something else.");

    /// <summary>Begins something in the process.</summary>
    public void Begin(Func<Task> what) => Post(static state => _ = ((Func<Task>)state!)(), what);

    /// <summary>Runs something in the process at once, unless it is dead.</summary>
    public void Enter(Action what)
    {
        if (!server.IsAlive)
        {
            return;
        }

        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            what();
        }
        finally
        {
            SetSynchronizationContext(before);
        }

        server.Wake();
    }
}
