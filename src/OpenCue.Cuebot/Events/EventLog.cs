using OpenCue.Engine;
using OpenCue.Engine.Sinks;
using OpenCue.Farm.Changes;

namespace OpenCue.Cuebot.Events;

/// <summary>
/// Writes into the log what people decided and what people must look at, after it is durable, and keeps the alarms of late for those who ask how the
/// server is.
/// </summary>
internal sealed partial class EventLog(FarmEngine engine, ILogger<EventLog> logger) : IEventSink
{
    private const int MostAlarms = 50;

    private readonly Lock _gate = new();
    private readonly LinkedList<AlarmNote> _alarms = new();

    /// <summary>The alarms of late, the newest first.</summary>
    public IReadOnlyList<AlarmNote> Alarms
    {
        get
        {
            lock (_gate)
            {
                return [.. _alarms];
            }
        }
    }

    /// <summary>Alarms are kept whatever the log is set to. What it would not show is never handed over: a person's action may concern millions of frames.</summary>
    public bool Wants(FarmEventKind kind) => kind == FarmEventKind.Alarm || logger.IsEnabled(LevelOf(kind));

    /// <inheritdoc/>
    public async ValueTask DeliverAsync(EventBatch batch, CancellationToken cancel)
    {
        foreach (var what in batch.Events)
        {
            if (what.Kind == FarmEventKind.Alarm)
            {
                Keep(new AlarmNote(what.WallMs, what.Reason ?? ""));
            }
        }

        var told = batch.Events.Where(what => logger.IsEnabled(LevelOf(what.Kind))).ToList();
        if (told.Count > 0)
        {
            var names = await NamesAsync(told, cancel);
            told.ForEach(what => Tell(what, names));
        }
    }

    private void Keep(AlarmNote alarm)
    {
        lock (_gate)
        {
            _alarms.AddFirst(alarm);
            if (_alarms.Count > MostAlarms)
            {
                _alarms.RemoveLast();
            }
        }
    }

    private void Tell(in FarmEvent what, Dictionary<EntityId, string> names)
    {
        var subject = names.GetValueOrDefault(what.Subject) ?? names.GetValueOrDefault(what.Job) ?? what.Subject.ToString();
        switch (what.Kind)
        {
            case FarmEventKind.Alarm:
                LogAlarm(what.Reason);
                break;
            case FarmEventKind.RunUnknown or FarmEventKind.RunAssumedEnded or FarmEventKind.RunReportRefused:
                LogRun(what.Kind, what.Subject, what.Reason);
                break;
            case FarmEventKind.JobLaunched or FarmEventKind.JobFinished or FarmEventKind.JobKilled or FarmEventKind.JobRevived or FarmEventKind.JobArchived:
                LogJob(what.Kind, subject, what.By, Because(what.Reason));
                break;
            case FarmEventKind.SettingChanged or FarmEventKind.OperationRequested or FarmEventKind.Administration:
                LogDecision(what.Kind, subject, what.By, Because(what.Reason));
                break;
            case FarmEventKind.HostAdded or FarmEventKind.HostState or FarmEventKind.HostLock:
                LogHost(what.Kind, subject, what.From, what.To, Because(what.Reason));
                break;
            default:
                LogOther(what.Kind, subject, what.From, what.To);
                break;
        }
    }

    private static string Because(string? reason) => string.IsNullOrWhiteSpace(reason) ? "" : $": {reason}";

    private static LogLevel LevelOf(FarmEventKind kind) => kind switch
    {
        FarmEventKind.Alarm or FarmEventKind.RunUnknown or FarmEventKind.RunAssumedEnded or FarmEventKind.RunReportRefused => LogLevel.Warning,
        FarmEventKind.FrameState or FarmEventKind.RunBooked or FarmEventKind.RunEnded or FarmEventKind.LayerCompleted => LogLevel.Debug,
        _ => LogLevel.Information,
    };

    /// <summary>Names of what the events are about, as far as they are still there: a log of ids helps nobody.</summary>
    private async Task<Dictionary<EntityId, string>> NamesAsync(List<FarmEvent> events, CancellationToken cancel)
    {
        var ids = events.SelectMany(what => new[] { what.Subject, what.Job }).Where(id => !id.IsNone).Distinct().ToList();
        try
        {
            var names = await engine.QueryListAsync<EntityId, (EntityId, string)>(_ => ids, AddName, cancel);
            return names.Value.ToDictionary();
        }
        catch (EngineUnavailableException)
        {
            return [];
        }
    }

    private static void AddName(FarmModel farm, EntityId id, List<(EntityId, string)> names)
    {
        var name = farm.Jobs.Find(id)?.Row.Name
            ?? farm.Hosts.Find(id)?.Row.Name
            ?? (farm.TryGetFrame(id, out var layer, out var ordinal) ? layer.FrameName(ordinal) : farm.Layers.GetValueOrDefault(id)?.Row.Name)
            ?? farm.Shows.Find(id)?.Row.Name
            ?? farm.Limits.Find(id)?.Row.Name
            ?? farm.Facilities.Find(id)?.Row.Name;
        if (name is not null)
        {
            names.Add((id, name));
        }
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Warning, Message = "ALARM: {Reason}")]
    private partial void LogAlarm(string? reason);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "{Kind} {RunId}: {Reason}")]
    private partial void LogRun(FarmEventKind kind, EntityId runId, string? reason);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Information, Message = "{Kind} {Job} by {By}{Because}")]
    private partial void LogJob(FarmEventKind kind, string job, Actor by, string because);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Information, Message = "{Kind} {Subject} by {By}{Because}")]
    private partial void LogDecision(FarmEventKind kind, string subject, Actor by, string because);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Information, Message = "{Kind} {Host} {From} -> {To}{Because}")]
    private partial void LogHost(FarmEventKind kind, string host, int from, int to, string because);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Debug, Message = "{Kind} {Subject} {From} -> {To}")]
    private partial void LogOther(FarmEventKind kind, string subject, int from, int to);
}
