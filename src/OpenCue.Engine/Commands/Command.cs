using OpenCue.Farm;
using OpenCue.Farm.Changes;

namespace OpenCue.Engine.Commands;

/// <summary>
/// Something to be applied to the farm, and the one who waits for it. It waits, is taken by the writer, and is answered when its batch is durable;
/// if the batch is taken back before that, it waits again.
/// </summary>
internal abstract class Command(CommandClass commandClass, Actor actor, string name)
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Abandoned = 2;

    private int _state;

    public CommandClass Class { get; } = commandClass;

    public Actor Actor { get; protected set; } = actor;

    public string Name { get; protected set; } = name;

    /// <summary>Timestamp of its arrival.</summary>
    public long ArrivedAt { get; init; }

    /// <summary>True while a queue counts it. The queue's lock guards it.</summary>
    public bool IsQueued { get; set; }

    /// <summary>What keeps it from its turn although the engine works, for the caller who gives up; null if nothing does.</summary>
    public string? WaitsFor
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>True while nobody has taken it and its caller has not given up.</summary>
    public bool IsWaiting => Volatile.Read(ref _state) == Waiting;

    /// <summary>The writer takes it. False if its caller has given up.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;

    /// <summary>The caller gives up. False if the writer has it already: then it stands, whatever comes.</summary>
    public bool TryAbandon() => Interlocked.CompareExchange(ref _state, Abandoned, Waiting) == Waiting;

    /// <summary>The writer took back what it did: it waits again, and has no outcome.</summary>
    public void PutBack()
    {
        Forget();
        Interlocked.CompareExchange(ref _state, Waiting, Taken);
    }

    /// <summary>Applies it and keeps the outcome.</summary>
    public abstract void Apply(FarmEdit edit);

    /// <summary>Keeps a refusal as the outcome.</summary>
    public abstract void Refuse(Exception refusal);

    /// <summary>Answers with the outcome that was kept.</summary>
    public abstract void Answer();

    /// <summary>Answers at once that nothing came of it.</summary>
    public void Fail(Exception reason)
    {
        Refuse(reason);
        Answer();
    }

    /// <summary>Forgets the outcome.</summary>
    protected abstract void Forget();
}
