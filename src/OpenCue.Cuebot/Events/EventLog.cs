using OpenCue.Engine.Sinks;
using OpenCue.Farm.Changes;

namespace OpenCue.Cuebot.Events;

/// <summary>
/// Writes into the log what people decided and what people must look at, after it is durable, and keeps the alarms of late for those who ask how the
/// server is.
/// </summary>
internal sealed partial class EventLog(ILogger<EventLog> logger) : IEventSink
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

    /// <inheritdoc/>
    public ValueTask DeliverAsync(EventBatch batch, CancellationToken cancel)
    {
        foreach (var what in batch.Events)
        {
            Note(what);
        }

        return ValueTask.CompletedTask;
    }

    private void Note(in FarmEvent what)
    {
        switch (what.Kind)
        {
            case FarmEventKind.Alarm:
                lock (_gate)
                {
                    _alarms.AddFirst(new AlarmNote(what.WallMs, what.Reason ?? ""));
                    if (_alarms.Count > MostAlarms)
                    {
                        _alarms.RemoveLast();
                    }
                }

                LogAlarm(what.Reason);
                break;
            case FarmEventKind.RunUnknown or FarmEventKind.RunAssumedEnded or FarmEventKind.RunReportRefused:
                LogRun(what.Kind, what.Subject, what.Reason);
                break;
            case FarmEventKind.JobLaunched or FarmEventKind.JobFinished or FarmEventKind.JobKilled or FarmEventKind.JobRevived:
                LogJob(what.Kind, what.Job, what.By, what.Reason);
                break;
            case FarmEventKind.SettingChanged or FarmEventKind.OperationRequested or FarmEventKind.Administration:
                LogDecision(what.By, what.Reason, what.Kind, what.Subject);
                break;
            case FarmEventKind.HostAdded or FarmEventKind.HostState or FarmEventKind.HostLock:
                LogHost(what.Kind, what.Subject, what.From, what.To, what.Reason);
                break;
            default:
                LogOther(what.Kind, what.Subject, what.From, what.To);
                break;
        }
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Warning, Message = "ALARM: {Reason}")]
    private partial void LogAlarm(string? reason);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "{Kind} {RunId}: {Reason}")]
    private partial void LogRun(FarmEventKind kind, EntityId runId, string? reason);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Information, Message = "{Kind} {JobId} by {By}. {Reason}")]
    private partial void LogJob(FarmEventKind kind, EntityId jobId, Actor by, string? reason);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Information, Message = "{By}: {Reason} ({Kind} {Subject})")]
    private partial void LogDecision(Actor by, string? reason, FarmEventKind kind, EntityId subject);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Information, Message = "{Kind} {HostId}: {From} -> {To}. {Reason}")]
    private partial void LogHost(FarmEventKind kind, EntityId hostId, int from, int to, string? reason);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Debug, Message = "{Kind} {Subject}: {From} -> {To}")]
    private partial void LogOther(FarmEventKind kind, EntityId subject, int from, int to);
}

/// <summary>Something that a person must look at.</summary>
/// <param name="AtMs">When, ms since 1970.</param>
/// <param name="Text">What.</param>
internal sealed record AlarmNote(long AtMs, string Text);
