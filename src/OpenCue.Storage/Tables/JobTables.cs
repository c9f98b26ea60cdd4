using OpenCue.Farm.Jobs;
using OpenCue.Farm.Operations;
using OpenCue.Specs.Launch;

namespace OpenCue.Storage.Tables;

/// <summary>Jobs, layers, what layers used, and operations on many frames. Frames have a table description of their own.</summary>
internal static class JobTables
{
    public static Table<JobRow> Job { get; } = new TableBuilder<JobRow>("job")
        .Uuid("id", r => r.Id)
        .Key(r => $"{r.Id} ({r.Name})")
        .Text("name", r => r.Name)
        .Bool("holds_name", r => r.HoldsName)
        .Uuid("show_id", r => r.ShowId)
        .Text("show_as_written", r => r.ShowAsWritten)
        .Uuid("group_id", r => r.GroupId)
        .Uuid("facility_id", r => r.FacilityId)
        .UuidOrNull("post_job_of", r => r.PostJobOf)
        .Enum("state", r => r.State)
        .Text("shot", r => r.Shot)
        .Text("user_name", r => r.User)
        .IntOrNull("uid", r => r.Uid)
        .TextOrNull("email", r => r.Email)
        .TextOrNull("os", r => r.Os)
        .Text("log_dir", r => r.LogDir)
        .Text("loki_url", r => r.LokiUrl)
        .Int("priority", r => r.Priority)
        .Int("min_core_points", r => r.MinCores)
        .Int("max_core_points", r => r.MaxCores)
        .Int("min_gpus", r => r.MinGpus)
        .Int("max_gpus", r => r.MaxGpus)
        .Bool("paused", r => r.Paused)
        .Bool("auto_eat", r => r.AutoEat)
        .Bool("auto_book", r => r.AutoBook)
        .Bool("auto_unbook", r => r.AutoUnbook)
        .Int("max_retries", r => r.MaxRetries)
        .Text("environment", r => JsonLists.Of(r.Environment))
        .Long("submitted_at_ms", r => r.SubmittedAtMs)
        .Long("stopped_at_ms", r => r.StoppedAtMs)
        .Bool("killed", r => r.Killed)
        .Bool("has_comment", r => r.HasComment)
        .Build(c => new JobRow
        {
            Id = c.Uuid(),
            Name = c.Text(),
            HoldsName = c.Bool(),
            ShowId = c.Uuid(),
            ShowAsWritten = c.Text(),
            GroupId = c.Uuid(),
            FacilityId = c.Uuid(),
            PostJobOf = c.UuidOrNull(),
            State = c.Enum<JobState>(),
            Shot = c.Text(),
            User = c.Text(),
            Uid = c.IntOrNull(),
            Email = c.TextOrNull(),
            Os = c.TextOrNull(),
            LogDir = c.Text(),
            LokiUrl = c.Text(),
            Priority = c.Int(),
            MinCores = c.Int(),
            MaxCores = c.Int(),
            MinGpus = c.Int(),
            MaxGpus = c.Int(),
            Paused = c.Bool(),
            AutoEat = c.Bool(),
            AutoBook = c.Bool(),
            AutoUnbook = c.Bool(),
            MaxRetries = c.Int(),
            Environment = JsonLists.Variables(c.Text()),
            SubmittedAtMs = c.Long(),
            StoppedAtMs = c.Long(),
            Killed = c.Bool(),
            HasComment = c.Bool(),
        });

    public static Table<LayerRow> Layer { get; } = new TableBuilder<LayerRow>("layer")
        .Uuid("id", r => r.Id)
        .Key(r => $"{r.Id} ({r.Name})")
        .Uuid("job_id", r => r.JobId)
        .Text("name", r => r.Name)
        .Enum("type", r => r.Type)
        .Text("command", r => r.Command)
        .Text("frame_range", r => r.Range)
        .Int("chunk_size", r => r.ChunkSize)
        .Int("dispatch_order", r => r.DispatchOrder)
        .Int("min_core_points", r => r.MinCores)
        .Int("max_core_points", r => r.MaxCores)
        .Long("min_memory_kib", r => r.MinMemoryKib)
        .Int("min_gpus", r => r.MinGpus)
        .Int("max_gpus", r => r.MaxGpus)
        .Long("min_gpu_memory_kib", r => r.MinGpuMemoryKib)
        .Bool("threadable", r => r.Threadable)
        .Text("tags", r => JsonLists.Of(r.Tags))
        .Text("services", r => JsonLists.Of(r.Services))
        .Text("limit_ids", r => JsonLists.Of(r.LimitIds))
        .Int("timeout_minutes", r => r.TimeoutMinutes)
        .Int("timeout_log_minutes", r => r.TimeoutLogMinutes)
        .Bool("optimize_memory", r => r.OptimizeMemory)
        .Text("environment", r => JsonLists.Of(r.Environment))
        .Long("start_after_ms", r => r.StartAfterMs)
        .Text("start_after_reason", r => r.StartAfterReason)
        .Text("outputs", r => JsonLists.Of(r.Outputs))
        .Enum("on_host_lost", r => r.OnHostLost)
        .Long("created_at_ms", r => r.CreatedAtMs)
        .Int("frame_count", r => r.FrameCount)
        .Build(c => new LayerRow
        {
            Id = c.Uuid(),
            JobId = c.Uuid(),
            Name = c.Text(),
            Type = c.Enum<LayerType>(),
            Command = c.Text(),
            Range = c.Text(),
            ChunkSize = c.Int(),
            DispatchOrder = c.Int(),
            MinCores = c.Int(),
            MaxCores = c.Int(),
            MinMemoryKib = c.Long(),
            MinGpus = c.Int(),
            MaxGpus = c.Int(),
            MinGpuMemoryKib = c.Long(),
            Threadable = c.Bool(),
            Tags = JsonLists.Strings(c.Text()),
            Services = JsonLists.Strings(c.Text()),
            LimitIds = JsonLists.Ids(c.Text()),
            TimeoutMinutes = c.Int(),
            TimeoutLogMinutes = c.Int(),
            OptimizeMemory = c.Bool(),
            Environment = JsonLists.Variables(c.Text()),
            StartAfterMs = c.Long(),
            StartAfterReason = c.Text(),
            Outputs = JsonLists.Strings(c.Text()),
            OnHostLost = c.Enum<OnHostLost>(),
            CreatedAtMs = c.Long(),
            FrameCount = c.Int(),
        });

    public static Table<LayerUsageRow> LayerUsage { get; } = new TableBuilder<LayerUsageRow>("layer_usage")
        .Uuid("layer_id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Long("succeeded_runs", r => r.Succeeded)
        .Long("failed_runs", r => r.Failed)
        .Long("core_seconds_succeeded", r => r.CoreSecondsSucceeded)
        .Long("core_seconds_failed", r => r.CoreSecondsFailed)
        .Long("gpu_seconds_succeeded", r => r.GpuSecondsSucceeded)
        .Long("gpu_seconds_failed", r => r.GpuSecondsFailed)
        .Long("clock_seconds_succeeded", r => r.ClockSecondsSucceeded)
        .Long("clock_seconds_failed", r => r.ClockSecondsFailed)
        .Long("longest_run_s", r => r.LongestSeconds)
        .Long("shortest_run_s", r => r.ShortestSeconds)
        .Long("max_rss_kib", r => r.MaxRssKib)
        .Long("max_pss_kib", r => r.MaxPssKib)
        .Long("started_at_ms", r => r.StartedAtMs)
        .Long("stopped_at_ms", r => r.StoppedAtMs)
        .Build(c => new LayerUsageRow
        {
            Id = c.Uuid(),
            Succeeded = c.Long(),
            Failed = c.Long(),
            CoreSecondsSucceeded = c.Long(),
            CoreSecondsFailed = c.Long(),
            GpuSecondsSucceeded = c.Long(),
            GpuSecondsFailed = c.Long(),
            ClockSecondsSucceeded = c.Long(),
            ClockSecondsFailed = c.Long(),
            LongestSeconds = c.Long(),
            ShortestSeconds = c.Long(),
            MaxRssKib = c.Long(),
            MaxPssKib = c.Long(),
            StartedAtMs = c.Long(),
            StoppedAtMs = c.Long(),
        });

    public static Table<FramesAtRestRow> FramesAtRest { get; } = new TableBuilder<FramesAtRestRow>("frames_at_rest")
        .Uuid("layer_id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Int("waiting_frames", r => r.Waiting)
        .Int("succeeded_frames", r => r.Succeeded)
        .Int("dead_frames", r => r.Dead)
        .Int("eaten_frames", r => r.Eaten)
        .Int("checkpoint_frames", r => r.Checkpoint)
        .Build(c => new FramesAtRestRow(c.Uuid(), c.Int(), c.Int(), c.Int(), c.Int(), c.Int()));

    public static Table<BulkOperationRow> BulkOperation { get; } = new TableBuilder<BulkOperationRow>("bulk_operation")
        .Uuid("id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Enum("kind", r => r.Kind)
        .Uuid("job_id", r => r.JobId)
        .Text("frames", r => JsonLists.Of(r.Frames))
        .Int("done", r => r.Done)
        .Text("argument", r => r.Argument)
        .Text("requested_by", r => r.By)
        .Text("reason", r => r.Reason)
        .Long("requested_at_ms", r => r.AtMs)
        .Long("requested_engine_ms", r => r.AtEngineMs)
        .Build(c => new BulkOperationRow
        {
            Id = c.Uuid(),
            Kind = c.Enum<BulkKind>(),
            JobId = c.Uuid(),
            Frames = JsonLists.Spans(c.Text()),
            Done = c.Int(),
            Argument = c.Text(),
            By = c.Text(),
            Reason = c.Text(),
            AtMs = c.Long(),
            AtEngineMs = c.Long(),
        });
}
