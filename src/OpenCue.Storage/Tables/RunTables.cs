using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;
using OpenCue.Specs.Launch;

namespace OpenCue.Storage.Tables;

/// <summary>Frames, their runs, and depends.</summary>
internal static class RunTables
{
    /// <summary>
    /// Frames, clustered by layer and ordinal. The number of active depends is not stored (the depends are), nor is the mark of a pending write.
    /// </summary>
    public static Table<FrameRow> Frame { get; } = new TableBuilder<FrameRow>("frame")
        .Uuid("layer_id", r => r.Layer)
        .Int("ordinal", r => r.Ordinal)
        .Key(r => $"{r.Layer} ordinal {r.Ordinal}")
        .Enum("state", r => r.Value.State)
        .Enum("checkpoint_state", r => r.Value.Checkpoint)
        .Small("flags", r => (short)(r.Value.Flags & ~FrameFlags.Dirty))
        .Small("retries", r => r.Value.Retries)
        .Small("checkpoints", r => r.Value.Checkpoints)
        .Int("exit_status", r => r.Value.ExitStatus)
        .Int("version", r => r.Value.Version)
        .Int("dispatch_order", r => r.Value.DispatchOrder)
        .Int("core_points", r => r.Value.CorePoints)
        .Int("gpus", r => r.Value.Gpus)
        .Int("host_number", r => r.Value.HostNumber)
        .Long("started_at_ms", r => r.Value.StartedAtMs)
        .Long("stopped_at_ms", r => r.Value.StoppedAtMs)
        .Long("log_updated_at_ms", r => r.Value.LogUpdatedAtMs)
        .Long("eligible_at_ms", r => r.Value.EligibleAtMs)
        .Long("updated_at_ms", r => r.Value.UpdatedAtMs)
        .Long("max_rss_kib", r => r.Value.MaxRssKib)
        .Long("rss_kib", r => r.Value.RssKib)
        .Long("max_pss_kib", r => r.Value.MaxPssKib)
        .Long("pss_kib", r => r.Value.PssKib)
        .Long("reserved_memory_kib", r => r.Value.ReservedMemoryKib)
        .Long("reserved_gpu_memory_kib", r => r.Value.ReservedGpuMemoryKib)
        .Long("core_seconds", r => r.Value.CoreSeconds)
        .Long("gpu_seconds", r => r.Value.GpuSeconds)
        .Build(c => new FrameRow(c.Uuid(), c.Int(), ReadFrame(c)));

    public static Table<RunRow> Run { get; } = new TableBuilder<RunRow>("run")
        .Uuid("id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Uuid("layer_id", r => r.LayerId)
        .Int("frame_ordinal", r => r.FrameOrdinal)
        .Uuid("job_id", r => r.JobId)
        .Uuid("proc_id", r => r.ProcId)
        .Uuid("host_id", r => r.HostId)
        .Text("host_name", r => r.HostName)
        .Resources("reserved", r => r.Reserved)
        .Int("retry", r => r.Retry)
        .Enum("phase", r => r.Phase)
        .Long("booked_engine_ms", r => r.BookedEngineMs)
        .Long("booked_at_ms", r => r.BookedAtMs)
        .TextOrNull("host_boot_id", r => r.HostBootId)
        .Long("host_boot_time_s", r => r.HostBootTimeSeconds)
        .TextOrNull("agent_instance", r => r.AgentInstance)
        .Long("unknown_since_ms", r => r.UnknownSinceMs)
        .TextOrNull("unknown_reason", r => r.UnknownReason)
        .EnumOrNull<KillOutcome>("kill_outcome", r => r.Kill?.Outcome)
        .TextOrNull("kill_reason", r => r.Kill?.Reason)
        .TextOrNull("kill_by", r => r.Kill?.By)
        .LongOrNull("kill_at_ms", r => r.Kill?.AtMs)
        .Enum("end_kind", r => r.End)
        .Long("ended_at_ms", r => r.EndedAtMs)
        .Int("exit_status", r => r.ExitStatus)
        .Int("exit_signal", r => r.ExitSignal)
        .Long("run_seconds", r => r.RunSeconds)
        .Long("max_rss_kib", r => r.MaxRssKib)
        .Build(c => new RunRow
        {
            Id = c.Uuid(),
            LayerId = c.Uuid(),
            FrameOrdinal = c.Int(),
            JobId = c.Uuid(),
            ProcId = c.Uuid(),
            HostId = c.Uuid(),
            HostName = c.Text(),
            Reserved = c.Resources(),
            Retry = c.Int(),
            Phase = c.Enum<RunPhase>(),
            BookedEngineMs = c.Long(),
            BookedAtMs = c.Long(),
            HostBootId = c.TextOrNull(),
            HostBootTimeSeconds = c.Long(),
            AgentInstance = c.TextOrNull(),
            UnknownSinceMs = c.Long(),
            UnknownReason = c.TextOrNull(),
            Kill = ReadKillOrder(c),
            End = c.Enum<RunEnd>(),
            EndedAtMs = c.Long(),
            ExitStatus = c.Int(),
            ExitSignal = c.Int(),
            RunSeconds = c.Long(),
            MaxRssKib = c.Long(),
        });

    /// <summary>Which rows of <see cref="Run"/> are runs that have not ended.</summary>
    public const string LiveRuns = "end_kind = 0";

    public static Table<OldRunRow> OldRun { get; } = new TableBuilder<OldRunRow>("old_run")
        .Uuid("run_id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Uuid("host_id", r => r.HostId)
        .Uuid("frame_id", r => r.FrameId)
        .Enum("end_kind", r => r.End)
        .Long("since_ms", r => r.AtMs)
        .Long("killed_engine_ms", r => r.KilledEngineMs)
        .Build(c => new OldRunRow
        {
            Id = c.Uuid(),
            HostId = c.Uuid(),
            FrameId = c.Uuid(),
            End = c.Enum<RunEnd>(),
            AtMs = c.Long(),
            KilledEngineMs = c.Long(),
        });

    public static Table<DependRow> Depend { get; } = new TableBuilder<DependRow>("depend")
        .Uuid("id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Enum("type", r => r.Type)
        .Bool("any_frame", r => r.AnyFrame)
        .Bool("active", r => r.Active)
        .Bool("dropped", r => r.Dropped)
        .Uuid("er_job_id", r => r.ErJobId)
        .UuidOrNull("er_layer_id", r => r.ErLayerId)
        .IntOrNull("er_frame_ordinal", r => r.ErFrame)
        .Uuid("on_job_id", r => r.OnJobId)
        .UuidOrNull("on_layer_id", r => r.OnLayerId)
        .IntOrNull("on_frame_ordinal", r => r.OnFrame)
        .Long("created_at_ms", r => r.CreatedAtMs)
        .Long("satisfied_at_ms", r => r.SatisfiedAtMs)
        .Build(c => new DependRow
        {
            Id = c.Uuid(),
            Type = c.Enum<DependType>(),
            AnyFrame = c.Bool(),
            Active = c.Bool(),
            Dropped = c.Bool(),
            ErJobId = c.Uuid(),
            ErLayerId = c.UuidOrNull(),
            ErFrame = c.IntOrNull(),
            OnJobId = c.Uuid(),
            OnLayerId = c.UuidOrNull(),
            OnFrame = c.IntOrNull(),
            CreatedAtMs = c.Long(),
            SatisfiedAtMs = c.Long(),
        });

    public static Table<DependMarksRow> DependMarks { get; } = new TableBuilder<DependMarksRow>("depend_marks")
        .Uuid("id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Uuid("depend_id", r => r.DependId)
        .Enum("side", r => r.Side)
        .Int("segment", r => r.Segment)
        .Long("bits", r => unchecked((long)r.Bits))
        .Build(c => new DependMarksRow(c.Uuid(), c.Uuid(), c.Enum<DependSide>(), c.Int(), unchecked((ulong)c.Long())));

    /// <summary>A frame's value from the columns that follow the key.</summary>
    public static Frame ReadFrame(IRowReader c) => new()
    {
        State = c.Enum<FrameState>(),
        Checkpoint = c.Enum<CheckpointState>(),
        Flags = (FrameFlags)c.Small(),
        Retries = c.Small(),
        Checkpoints = c.Small(),
        ExitStatus = c.Int(),
        Version = c.Int(),
        DispatchOrder = c.Int(),
        CorePoints = c.Int(),
        Gpus = c.Int(),
        HostNumber = c.Int(),
        StartedAtMs = c.Long(),
        StoppedAtMs = c.Long(),
        LogUpdatedAtMs = c.Long(),
        EligibleAtMs = c.Long(),
        UpdatedAtMs = c.Long(),
        MaxRssKib = c.Long(),
        RssKib = c.Long(),
        MaxPssKib = c.Long(),
        PssKib = c.Long(),
        ReservedMemoryKib = c.Long(),
        ReservedGpuMemoryKib = c.Long(),
        CoreSeconds = c.Long(),
        GpuSeconds = c.Long(),
    };

    private static KillOrder? ReadKillOrder(IRowReader c)
    {
        var (outcome, reason, by) = (c.EnumOrNull<KillOutcome>(), c.TextOrNull(), c.TextOrNull());
        var at = c.LongOrNull();
        return outcome is { } known ? new KillOrder(known, reason ?? "", by ?? "", at ?? 0) : null;
    }
}
