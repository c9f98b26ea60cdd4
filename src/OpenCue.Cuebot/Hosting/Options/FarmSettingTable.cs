using OpenCue.Specs;
using System.Globalization;

namespace OpenCue.Cuebot.Hosting.Options;

/// <summary>A setting of the farm's rules, by the name that OpenCue's properties have for it.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Help">What it does, in a few words.</param>
/// <param name="Apply">Puts a value in; throws <see cref="FormatException"/> saying what would be one.</param>
internal sealed record FarmSettingEntry(string Key, string Help, Func<FarmSettings, string, FarmSettings> Apply);

/// <summary>The settings of the farm's rules that a site can change.</summary>
internal static class FarmSettingTable
{
    /// <summary>Before the name of an operating system: the log root of its jobs.</summary>
    public const string LogRootPrefix = "log.frame-log-root.";

    /// <summary>The log root of all jobs whose operating system has none of its own.</summary>
    public const string DefaultLogRoot = LogRootPrefix + "default_os";

    /// <summary>The entries; log roots by operating system (<see cref="LogRootPrefix"/>) are besides.</summary>
    public static IReadOnlyList<FarmSettingEntry> All { get; } =
    [
        new("dispatcher.memory.mem_reserved_min", "least memory of a frame, KiB", (s, v) => s with { MemoryReservedMinKib = Number(v, 0) }),
        new("dispatcher.memory.mem_reserved_max", "memory above which a launch is warned, KiB", (s, v) => s with { MemoryReservedMaxKib = Number(v, 0) }),
        new("dispatcher.memory.mem_reserved_system", "memory of a host kept for its system, KiB", (s, v) => s with { MemoryReservedSystemKib = Number(v, 0) }),
        new("dispatcher.memory.mem_gpu_reserved_max", "most GPU memory of a frame, KiB", (s, v) => s with { GpuMemoryReservedMaxKib = Number(v, 0) }),
        new("depend.satisfy_only_on_frame_success", "auto-eaten frames don't satisfy depends", (s, v) => s with { SatisfyOnlyOnFrameSuccess = Bool(v) }),
        new("dispatcher.turn_off_booking", "book nothing", (s, v) => s with { TurnOffBooking = Bool(v) }),
        new("dispatcher.scheduling_mode", "the order of service of facilities that have chosen none: PRIORITY_ONLY, FIFO, BALANCED, FAIR_SHARE or one of your own", (s, v) => s with { SchedulingPolicy = v }),
        new(
            "farm.fair_share_half_life_minutes",
            "after how long a show's use counts half in FAIR_SHARE",
            (s, v) => s with { FairShareHalfLifeMs = 60_000 * Number(v, 1, 1_000_000) }),
        new(
            "dispatcher.min_available_temp_storage_percentage",
            "room in a host's temporary directory below which it goes to REPAIR; -1 is off",
            (s, v) => s with { MinAvailableTempStoragePercentage = (int)Number(v, -1, 100) }),
        new(
            "dispatcher.oom_max_safe_used_physical_memory_threshold",
            "used memory above which a host's fattest frames are killed; -1 is off",
            (s, v) => s with { OomMaxSafeUsedPhysicalMemory = Fraction(v) }),
        new(
            "dispatcher.oom_max_safe_used_swap_memory_threshold",
            "used swap above which they are; -1 is off",
            (s, v) => s with { OomMaxSafeUsedSwapMemory = Fraction(v) }),
        new(
            "dispatcher.oom_frame_overboard_allowed_threshold",
            "how far a frame may go over its reservation; -1 is off",
            (s, v) => s with { OomFrameOverboardAllowed = Fraction(v) }),
        new("dispatcher.frame_kill_retry_limit", "how often one run's death is asked for", (s, v) => s with { FrameKillRetryLimit = (int)Number(v, 0, 1000) }),
        new("dispatcher.layer_delay.rules", "exit statuses after which a layer rests: status:minutes,...", (s, v) => s with { LayerDelayMinutes = Delays(v) }),
        new("dispatcher.frame.selfish.services", "services that take all cores of a host, divided by commas", (s, v) => s with { SelfishServices = List(v) }),
        new("max_frame_retries", "highest number of retries that may be set", (s, v) => s with { MaxFrameRetries = (int)Number(v, 0, 1000) }),
        new("history.archive_jobs_cutoff_hours", "how long finished jobs stay, hours", (s, v) => s with { ArchiveJobsAfterHours = (int)Number(v, 0, 100_000) }),
        new("history.finished_frames_stay_minutes", "how long frames of finished jobs stay in memory; later they are read when asked for, minutes", (s, v) => s with { FinishedFramesStayMinutes = (int)Number(v, 0, 100_000) }),
        new("frame.finished_jobs_readonly", "nothing of a finished job can be changed", (s, v) => s with { FinishedFramesReadonly = Bool(v) }),
        new("layer.finished_jobs_readonly", "no layer of a finished job can be changed", (s, v) => s with { FinishedLayersReadonly = Bool(v) }),
        new("log.loki.url", "where agents stream logs to instead of files", (s, v) => s with { LokiUrl = v }),
        new("grpc.rqd_task_deadline", "how long an agent may take for a launch, seconds", (s, v) => s with { LaunchDeadlineMs = 1000 * Number(v, 1, 3600) }),
        new("farm.host_down_after_ms", "silence after which a host is DOWN", (s, v) => s with { HostDownAfterMs = Number(v, 1000) }),
        new("farm.host_lost_wait_ms", "silence after which a run counts as lost, if its layer says so", (s, v) => s with { HostLostWaitMs = Number(v, 1000) }),
        new("farm.kill_needs_reason", "a kill without a reason is refused", (s, v) => s with { KillNeedsReason = Bool(v) }),
        new("farm.match_tags_as_pattern", "tags match as OpenCue does it, as a part of another", (s, v) => s with { MatchTagsAsPattern = Bool(v) }),
        new("farm.gpu_hosts_for_gpu_layers_only", "hosts with GPUs take nothing else", (s, v) => s with { GpuHostsForGpuLayersOnly = Bool(v) }),
        new("farm.reserve_after_seconds", "a frame that has waited for room for so long, while later ones found some, gets a host kept for it; 0: never", (s, v) => s with { ReserveAfterMs = 1000 * Number(v, 0, 1_000_000) }),
        new(DefaultLogRoot, "where frames' logs go", (s, v) => s with { LogRoot = LogRoot(v) }),
    ];

    /// <summary>The settings with the log root of one operating system.</summary>
    public static FarmSettings WithLogRoot(FarmSettings settings, string os, string value) =>
        settings with { LogRootByOs = settings.LogRootByOs.Where(root => root.Key != os).Append(new(os, LogRoot(value))).ToValueList() };

    /// <summary>True or false.</summary>
    public static bool Bool(string value) =>
        bool.TryParse(value, out var parsed) ? parsed : throw new FormatException("write true or false");

    private static long Number(string value, long least, long most = long.MaxValue / 1024) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"write a whole number from {least} to {most}");

    private static double Fraction(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && (number == -1 || number is >= 0 and <= 100)
            ? number
            : throw new FormatException("write a fraction such as 0.9, or -1 for off");

    private static ValueList<string> List(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToValueList();

    private static ValueList<KeyValuePair<int, int>> Delays(string value) => List(value).Select(Delay).ToValueList();

    private static KeyValuePair<int, int> Delay(string rule) =>
        rule.Split(':') is [var status, var minutes]
        && int.TryParse(status, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exitStatus)
        && int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out var rest)
            ? new(exitStatus, rest)
            : throw new FormatException("write status:minutes, divided by commas, such as 11:5,33:10");

    private static string LogRoot(string value) =>
        value.Length > 0 ? value : throw new FormatException("write the path of a folder");
}
