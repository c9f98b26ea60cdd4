using OpenCue.Farm.Facilities;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Services;
using OpenCue.Farm.Shows;

namespace OpenCue.Storage.Tables;

/// <summary>What people set up: facilities, allocations, shows with their groups and subscriptions, services, limits.</summary>
internal static class ShowTables
{
    public static Table<FacilityRow> Facility { get; } = new TableBuilder<FacilityRow>("facility")
        .Uuid("id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Text("name", r => r.Name)
        .Bool("is_default", r => r.IsDefault)
        .Text("scheduling_policy", r => r.SchedulingPolicy)
        .Build(c => new FacilityRow(c.Uuid(), c.Text(), c.Bool(), c.Text()));

    public static Table<AllocationRow> Allocation { get; } = new TableBuilder<AllocationRow>("allocation")
        .Uuid("id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Uuid("facility_id", r => r.FacilityId)
        .Text("name", r => r.Name)
        .Text("tag", r => r.Tag)
        .Bool("billable", r => r.Billable)
        .Bool("is_default", r => r.IsDefault)
        .Build(c => new AllocationRow(c.Uuid(), c.Uuid(), c.Text(), c.Text(), c.Bool(), c.Bool()));

    public static Table<ShowRow> Show { get; } = new TableBuilder<ShowRow>("show")
        .Uuid("id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Text("name", r => r.Name)
        .Text("aliases", r => JsonLists.Of(r.Aliases))
        .Bool("active", r => r.Active)
        .Bool("booking_enabled", r => r.BookingEnabled)
        .Bool("dispatch_enabled", r => r.DispatchEnabled)
        .Int("default_min_core_points", r => r.DefaultMinCores)
        .Int("default_max_core_points", r => r.DefaultMaxCores)
        .Int("default_min_gpus", r => r.DefaultMinGpus)
        .Int("default_max_gpus", r => r.DefaultMaxGpus)
        .Text("comment_email", r => r.CommentEmail)
        .Long("frames_created", r => r.FramesCreated)
        .Long("jobs_created", r => r.JobsCreated)
        .Long("archived_runs_succeeded", r => r.ArchivedRunsSucceeded)
        .Long("archived_runs_failed", r => r.ArchivedRunsFailed)
        .Build(c => new ShowRow
        {
            Id = c.Uuid(),
            Name = c.Text(),
            Aliases = JsonLists.Strings(c.Text()),
            Active = c.Bool(),
            BookingEnabled = c.Bool(),
            DispatchEnabled = c.Bool(),
            DefaultMinCores = c.Int(),
            DefaultMaxCores = c.Int(),
            DefaultMinGpus = c.Int(),
            DefaultMaxGpus = c.Int(),
            CommentEmail = c.Text(),
            FramesCreated = c.Long(),
            JobsCreated = c.Long(),
            ArchivedRunsSucceeded = c.Long(),
            ArchivedRunsFailed = c.Long(),
        });

    public static Table<GroupRow> Group { get; } = new TableBuilder<GroupRow>("job_group")
        .Uuid("id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Uuid("show_id", r => r.ShowId)
        .UuidOrNull("parent_id", r => r.ParentId)
        .Text("name", r => r.Name)
        .Text("department", r => r.Department)
        .Int("default_job_priority", r => r.DefaultJobPriority)
        .Int("default_job_min_core_points", r => r.DefaultJobMinCores)
        .Int("default_job_max_core_points", r => r.DefaultJobMaxCores)
        .Int("default_job_min_gpus", r => r.DefaultJobMinGpus)
        .Int("default_job_max_gpus", r => r.DefaultJobMaxGpus)
        .Int("min_core_points", r => r.MinCores)
        .Int("max_core_points", r => r.MaxCores)
        .Int("min_gpus", r => r.MinGpus)
        .Int("max_gpus", r => r.MaxGpus)
        .Build(c => new GroupRow
        {
            Id = c.Uuid(),
            ShowId = c.Uuid(),
            ParentId = c.UuidOrNull(),
            Name = c.Text(),
            Department = c.Text(),
            DefaultJobPriority = c.Int(),
            DefaultJobMinCores = c.Int(),
            DefaultJobMaxCores = c.Int(),
            DefaultJobMinGpus = c.Int(),
            DefaultJobMaxGpus = c.Int(),
            MinCores = c.Int(),
            MaxCores = c.Int(),
            MinGpus = c.Int(),
            MaxGpus = c.Int(),
        });

    public static Table<SubscriptionRow> Subscription { get; } = new TableBuilder<SubscriptionRow>("subscription")
        .Uuid("id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Uuid("show_id", r => r.ShowId)
        .Uuid("allocation_id", r => r.AllocationId)
        .Int("size_core_points", r => r.Size)
        .Int("burst_core_points", r => r.Burst)
        .Build(c => new SubscriptionRow(c.Uuid(), c.Uuid(), c.Uuid(), c.Int(), c.Int()));

    public static Table<ShareUseRow> ShareUse { get; } = new TableBuilder<ShareUseRow>("share_use")
        .Uuid("owner_id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Long("milli_core_points", r => r.MilliCorePoints)
        .Long("at_engine_ms", r => r.AtEngineMs)
        .Build(c => new ShareUseRow(c.Uuid(), c.Long(), c.Long()));

    public static Table<ServiceRow> Service { get; } = new TableBuilder<ServiceRow>("service")
        .Uuid("id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Text("name", r => r.Name)
        .UuidOrNull("show_id", r => r.ShowId)
        .Bool("threadable", r => r.Threadable)
        .Int("min_core_points", r => r.MinCores)
        .Int("max_core_points", r => r.MaxCores)
        .Long("min_memory_kib", r => r.MinMemoryKib)
        .Int("min_gpus", r => r.MinGpus)
        .Int("max_gpus", r => r.MaxGpus)
        .Long("min_gpu_memory_kib", r => r.MinGpuMemoryKib)
        .Long("min_memory_increase_kib", r => r.MinMemoryIncreaseKib)
        .Text("tags", r => JsonLists.Of(r.Tags))
        .Int("timeout_minutes", r => r.TimeoutMinutes)
        .Int("timeout_log_minutes", r => r.TimeoutLogMinutes)
        .Build(c => new ServiceRow
        {
            Id = c.Uuid(),
            Name = c.Text(),
            ShowId = c.UuidOrNull(),
            Threadable = c.Bool(),
            MinCores = c.Int(),
            MaxCores = c.Int(),
            MinMemoryKib = c.Long(),
            MinGpus = c.Int(),
            MaxGpus = c.Int(),
            MinGpuMemoryKib = c.Long(),
            MinMemoryIncreaseKib = c.Long(),
            Tags = JsonLists.Strings(c.Text()),
            TimeoutMinutes = c.Int(),
            TimeoutLogMinutes = c.Int(),
        });

    public static Table<LimitRow> Limit { get; } = new TableBuilder<LimitRow>("frame_limit")
        .Uuid("id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Text("name", r => r.Name)
        .Int("max_value", r => r.MaxValue)
        .Enum("kind", r => r.Kind)
        .Int("headroom", r => r.Headroom)
        .Build(c => new LimitRow(c.Uuid(), c.Text(), c.Int(), c.Enum<LimitKind>(), c.Int()));
}
