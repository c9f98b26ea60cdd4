using OpenCue.Farm.Changes;

namespace OpenCue.Cuebot.Launching;

/// <summary>How far a call is.</summary>
internal enum TicketState
{
    /// <summary>It waits for its turn.</summary>
    Waiting,

    /// <summary>It is under way.</summary>
    Sent,

    /// <summary>It has ended, and its end is being told to the farm.</summary>
    Telling,
}

/// <summary>A call that somebody has to make.</summary>
internal sealed class CallTicket(Effect effect)
{
    public Effect Effect { get; } = effect;

    public TicketState State { get; set; }

    /// <summary>True if the farm that asked for it is not the one that is loaded now: it is not sent any more, and its end is not told.</summary>
    public bool IsFormer { get; set; }

    public (EffectKind Kind, EntityId Subject) Key => (Effect.Kind, Effect.Subject);

    public (EntityId Host, EntityId Frame) Lane => (Effect.Host, Effect.Frame);
}
