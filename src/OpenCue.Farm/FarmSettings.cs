namespace OpenCue.Farm;

/// <summary>
/// The site's settings that rules need, with OpenCue's defaults. Names follow OpenCue's properties, so that an administrator finds them
/// again.
/// </summary>
public sealed record FarmSettings
{
    /// <summary>Least memory a frame reserves (<c>dispatcher.memory.mem_reserved_min</c>), KiB.</summary>
    public long MemoryReservedMinKib { get; init; } = 262144;

    /// <summary>Memory of a host kept for its system (<c>dispatcher.memory.mem_reserved_system</c>), KiB.</summary>
    public long MemoryReservedSystemKib { get; init; } = 524288;

    /// <summary>Above this much asked memory a launch is warned (<c>dispatcher.memory.mem_reserved_max</c>), KiB.</summary>
    public long MemoryReservedMaxKib { get; init; } = 52428800;

    /// <summary>Most GPU memory a frame may ask for (<c>dispatcher.memory.mem_gpu_reserved_max</c>), KiB.</summary>
    public long GpuMemoryReservedMaxKib { get; init; } = 104857600;

    /// <summary>
    /// Whether only success satisfies depends (<c>depend.satisfy_only_on_frame_success</c>); if false, auto-eaten frames do too.
    /// </summary>
    public bool SatisfyOnlyOnFrameSuccess { get; init; } = true;

    /// <summary>Highest number of retries that may be set (<c>MAX_FRAME_RETRIES</c>).</summary>
    public int MaxFrameRetries { get; init; } = 16;

    /// <summary>No booking at all (<c>dispatcher.turn_off_booking</c>).</summary>
    public bool TurnOffBooking { get; init; }

    /// <summary>
    /// The policy that orders the work of facilities that have chosen none (<c>dispatcher.scheduling_mode</c>); empty for PRIORITY_ONLY.
    /// </summary>
    public string SchedulingPolicy { get; init; } = "";

    /// <summary>After so much engine time a show's use counts half in FAIR_SHARE, ms.</summary>
    public long FairShareHalfLifeMs { get; init; } = 4 * 3_600_000;

    /// <summary>
    /// Least room in a host's temporary directory, percent (<c>dispatcher.min_available_temp_storage_percentage</c>); −1 turns it off.
    /// </summary>
    public int MinAvailableTempStoragePercentage { get; init; } = 5;

    /// <summary>A host with less free memory than this is not booked, KiB.</summary>
    public long MinFreeMemoryKib { get; init; } = 524288;

    /// <summary>
    /// Used memory above which a host's fattest frames are killed (<c>dispatcher.oom_max_safe_used_physical_memory_threshold</c>); −1 turns
    /// it off.
    /// </summary>
    public double OomMaxSafeUsedPhysicalMemory { get; init; } = 0.9;

    /// <summary>Used swap above which they are (<c>dispatcher.oom_max_safe_used_swap_memory_threshold</c>); −1 turns it off.</summary>
    public double OomMaxSafeUsedSwapMemory { get; init; } = 0.05;

    /// <summary>
    /// How far a frame may go over its reservation (<c>dispatcher.oom_frame_overboard_allowed_threshold</c>); −1 turns it off.
    /// </summary>
    public double OomFrameOverboardAllowed { get; init; } = -1;

    /// <summary>How often the server asks to kill one run because of time or memory (<c>dispatcher.frame_kill_retry_limit</c>).</summary>
    public int FrameKillRetryLimit { get; init; } = 3;

    /// <summary>Exit statuses after which the layer rests for some minutes (<c>dispatcher.layer_delay.rules</c>).</summary>
    public ValueList<KeyValuePair<int, int>> LayerDelayMinutes { get; init; } = [];

    /// <summary>How many minutes a layer rests after a run that ended with this status; null if there is no rule for it.</summary>
    public int? DelayMinutesAfter(int exitStatus)
    {
        foreach (var (status, minutes) in LayerDelayMinutes)
        {
            if (status == exitStatus)
            {
                return minutes;
            }
        }

        return null;
    }

    /// <summary>Services that take all cores of a host (<c>dispatcher.frame.selfish.services</c>).</summary>
    public ValueList<string> SelfishServices { get; init; } = [];

    /// <summary>A run that was longer is not tried again by itself, seconds.</summary>
    public int NoRetryAfterSeconds { get; init; } = 43200;

    /// <summary>A host that has not reported for so long is DOWN, ms.</summary>
    public long HostDownAfterMs { get; init; } = 300_000;

    /// <summary>
    /// A run whose host has been silent for so long is assumed to have ended, if its layer says retry, ms of engine time.
    /// </summary>
    public long HostLostWaitMs { get; init; } = 1_200_000;

    /// <summary>How long a launch may take before its outcome counts as unknown, ms.</summary>
    public long LaunchDeadlineMs { get; init; } = 10_000;

    /// <summary>How long after a launch's deadline an agent without a journal may still not show the run in its reports, ms.</summary>
    public long ForgottenAfterMs { get; init; } = 15_000;

    /// <summary>
    /// How long a run that is not the current one must be reported before it is killed: its end may just be under way, ms.
    /// </summary>
    public long StrayGraceMs { get; init; } = 30_000;

    /// <summary>How much newer a host's boot time must be than a run to prove, without a boot id, that it has ended, seconds.</summary>
    public long BootTimeMarginSeconds { get; init; } = 300;

    /// <summary>Finished jobs stay in the model for so long (<c>history.archive_jobs_cutoff_hours</c>), hours.</summary>
    public int ArchiveJobsAfterHours { get; init; } = 72;

    /// <summary>
    /// Frames of a finished job stay in memory for so long; later they are fetched from the store when somebody asks for them, minutes.
    /// </summary>
    public int FinishedFramesStayMinutes { get; init; } = 10;

    /// <summary>Finished jobs' frames can't be changed (<c>frame.finished_jobs_readonly</c>).</summary>
    public bool FinishedFramesReadonly { get; init; }

    /// <summary>Finished jobs' layers can't be changed (<c>layer.finished_jobs_readonly</c>).</summary>
    public bool FinishedLayersReadonly { get; init; }

    /// <summary>Where logs go (<c>log.frame-log-root.default_os</c>).</summary>
    public string LogRoot { get; init; } = "/shots";

    /// <summary>Where logs of jobs for one operating system go (<c>log.frame-log-root.&lt;os&gt;</c>).</summary>
    public ValueList<KeyValuePair<string, string>> LogRootByOs { get; init; } = [];

    /// <summary>Where agents stream logs to (<c>log.loki.url</c>); empty for files.</summary>
    public string LokiUrl { get; init; } = "";

    /// <summary>A kill needs a reason. OpenCue silently ignores a kill without one; here it kills unless this is set.</summary>
    public bool KillNeedsReason { get; init; }

    /// <summary>
    /// After a frame has waited for room for so long, while later ones found some, a host is kept for it, ms; 0 turns that off. OpenCue has nothing like
    /// it: there, frames that want whole hosts or much memory can starve.
    /// </summary>
    public long ReserveAfterMs { get; init; } = 600_000;

    /// <summary>Most frames that one command changes by itself; for more it asks for an operation.</summary>
    public int BulkChunk { get; init; } = 2000;

    /// <summary>Most frames that an operation changes in one go; how many goes there are in a batch is what the store can take.</summary>
    public int OperationChunk { get; init; } = 250;

    /// <summary>Most rows, roughly, that one submission stores in one batch.</summary>
    public int SubmissionChunk { get; init; } = 1000;

    /// <summary>
    /// Whether a layer's own tag pattern is matched as OpenCue does, as a regular expression (substring); else whole tags.
    /// </summary>
    public bool MatchTagsAsPattern { get; init; }

    /// <summary>Whether a host with GPUs takes only layers that want GPU memory, as OpenCue does in effect.</summary>
    public bool GpuHostsForGpuLayersOnly { get; init; }
}
