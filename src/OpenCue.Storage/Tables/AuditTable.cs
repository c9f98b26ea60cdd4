using OpenCue.Farm.Changes;

namespace OpenCue.Storage.Tables;

/// <summary>
/// Who did what, kept for good: everything that people and their scripts decided, and of the server's and the hosts' own doings what somebody may
/// ask about later. What happens by the million (frames, runs) is not here: tables run and frame_history have it.
/// </summary>
internal static class AuditTable
{
    public static Table<AuditRow> Audit { get; } = new TableBuilder<AuditRow>("audit")
        .Long("batch", r => r.Batch)
        .Int("item", r => r.Item)
        .Key(r => $"{r.Event.Kind} of {r.Event.Subject}")
        .Long("at_ms", r => r.Event.WallMs)
        .Enum("kind", r => r.Event.Kind)
        .Enum("actor_kind", r => r.Event.By.Kind)
        .Text("actor", r => r.Event.By.Name)
        .TextOrNull("peer", r => r.Event.By.Peer)
        .Uuid("subject_id", r => r.Event.Subject)
        .UuidOrNull("job_id", r => r.Event.Job.IsNone ? null : r.Event.Job)
        .Int("from_value", r => r.Event.From)
        .Int("to_value", r => r.Event.To)
        .TextOrNull("reason", r => r.Event.Reason)
        .Build(c => new AuditRow(c.Long(), c.Int(), ReadEvent(c)));

    /// <summary>The events of a change set that are kept.</summary>
    public static IEnumerable<AuditRow> Of(ChangeSet changes) =>
        changes.Events.Where(IsKept).Select((e, i) => new AuditRow(changes.Sequence, i, e));

    /// <summary>Whether an event is kept.</summary>
    public static bool IsKept(FarmEvent e) => e.Kind switch
    {
        // One line per frame would bury the rest. The request, the run and the frame's row say it.
        FarmEventKind.FrameState or FarmEventKind.RunBooked or FarmEventKind.RunEnded or FarmEventKind.LayerCompleted => false,

        // An agent that does not know better may repeat it with each report; it is counted as a metric.
        FarmEventKind.RunReportRefused => false,
        _ => true,
    };

    private static FarmEvent ReadEvent(IRowReader c)
    {
        var (at, kind, actorKind, actor) = (c.Long(), c.Enum<FarmEventKind>(), c.Enum<ActorKind>(), c.Text());
        var by = new Actor(actorKind, actor, c.TextOrNull());
        return new FarmEvent(kind, c.Uuid(), c.UuidOrNull() ?? default, c.Int(), c.Int(), by, c.TextOrNull(), at);
    }
}

/// <summary>An event that is kept.</summary>
/// <param name="Batch">The batch in which it happened.</param>
/// <param name="Item">Its place in the batch.</param>
/// <param name="Event">The event.</param>
internal sealed record AuditRow(long Batch, int Item, FarmEvent Event);
