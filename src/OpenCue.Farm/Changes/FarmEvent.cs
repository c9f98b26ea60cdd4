namespace OpenCue.Farm.Changes;

/// <summary>What sort of thing happened.</summary>
public enum FarmEventKind
{
    /// <summary>A job was accepted and is active.</summary>
    JobLaunched,

    /// <summary>A job finished by itself.</summary>
    JobFinished,

    /// <summary>A person killed a job.</summary>
    JobKilled,

    /// <summary>A finished job became pending again.</summary>
    JobRevived,

    /// <summary>A job left the model for history.</summary>
    JobArchived,

    /// <summary>A setting of a job, layer, show, host ... was changed; <see cref="FarmEvent.Reason"/> says which, from what, to what.</summary>
    SettingChanged,

    /// <summary>A layer has no frame left to run.</summary>
    LayerCompleted,

    /// <summary>A frame changed its state: <see cref="FarmEvent.From"/> and <see cref="FarmEvent.To"/> are frame states.</summary>
    FrameState,

    /// <summary>A run was booked.</summary>
    RunBooked,

    /// <summary>A run ended: <see cref="FarmEvent.To"/> is its exit status.</summary>
    RunEnded,

    /// <summary>A run is unknown: its host can't say whether it lives.</summary>
    RunUnknown,

    /// <summary>Time decided that a run has ended; nobody proved it.</summary>
    RunAssumedEnded,

    /// <summary>A report of a run that no longer counts was refused.</summary>
    RunReportRefused,

    /// <summary>Somebody asked for something in bulk (retry, eat, kill ...).</summary>
    OperationRequested,

    /// <summary>A host was seen for the first time.</summary>
    HostAdded,

    /// <summary>A host changed its state: from and to are hardware states.</summary>
    HostState,

    /// <summary>A host was locked or unlocked: from and to are lock states.</summary>
    HostLock,

    /// <summary>Something a person must look at.</summary>
    Alarm,

    /// <summary>Something was created or deleted that has no kind of its own; <see cref="FarmEvent.Reason"/> says what.</summary>
    Administration,
}

/// <summary>One thing that happened to the farm. It feeds the audit trail, pushed updates and metrics.</summary>
/// <param name="Kind">What sort of thing.</param>
/// <param name="Subject">The frame, job, host, run ... it happened to.</param>
/// <param name="Job">The job it belongs to, if any.</param>
/// <param name="From">The state before, where <paramref name="Kind"/> says so.</param>
/// <param name="To">The state after, where <paramref name="Kind"/> says so.</param>
/// <param name="By">Who did it.</param>
/// <param name="Reason">Why, or what exactly, in words.</param>
/// <param name="WallMs">When, in milliseconds since 1970.</param>
public readonly record struct FarmEvent(
    FarmEventKind Kind, EntityId Subject, EntityId Job, int From, int To, Actor By, string? Reason, long WallMs);
