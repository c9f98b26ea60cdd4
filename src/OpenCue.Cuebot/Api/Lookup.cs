using OpenCue.Farm.Depends;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Shows;

namespace OpenCue.Cuebot.Api;

/// <summary>
/// Finds what a request is about. Of a whole job, layer ... in a request only the id counts. What is not there is NOT_FOUND, everywhere; OpenCue
/// says so of jobs and answers INTERNAL for the rest.
/// </summary>
internal static class Lookup
{
    /// <summary>The job with this id that clients may see.</summary>
    public static Job Job(FarmModel farm, string? id) =>
        EntityId.TryParse(id, out var parsed) && farm.Jobs.TryGet(parsed, out var job) && job.IsVisible
            ? job
            : throw Missing("Job", "id", id, $"finished jobs stay for {farm.Settings.ArchiveJobsAfterHours} hours");

    /// <summary>The pending job that has this name.</summary>
    public static Job PendingJob(FarmModel farm, string name) =>
        farm.Jobs.FindByName(name) is { Row.State: JobState.Pending } job ? job : throw Missing("Job", "name", name, "only pending jobs are found by name");

    /// <summary>The layer with this id.</summary>
    public static Layer Layer(FarmModel farm, string? id) =>
        EntityId.TryParse(id, out var parsed) && farm.Layers.TryGetValue(parsed, out var layer) && layer.Job.IsVisible
            ? layer
            : throw Missing("Layer", "id", id);

    /// <summary>The layer of this name in a job.</summary>
    public static Layer Layer(Job job, string name) =>
        job.Layers.Find(layer => layer.Row.Name == name) ?? throw Missing("Layer", "name", name, $"not in job {job.Row.Name}");

    /// <summary>The frame with this id.</summary>
    public static (Layer Layer, int Ordinal) Frame(FarmModel farm, string? id) =>
        EntityId.TryParse(id, out var parsed) && farm.TryGetFrame(parsed, out var layer, out var ordinal) && layer.Job.IsVisible
            ? (layer, ordinal)
            : throw Missing("Frame", "id", id);

    /// <summary>The frame with this id, as one end of a depend.</summary>
    public static DependEnd FrameEnd(FarmModel farm, string? id)
    {
        var (layer, ordinal) = Frame(farm, id);
        return DependEnd.Of(layer, ordinal);
    }

    /// <summary>The id in a text; what is none names nothing.</summary>
    public static EntityId Id(string kind, string? id) => EntityId.TryParse(id, out var parsed) ? parsed : throw Missing(kind, "id", id);

    /// <summary>The depend with this id.</summary>
    public static Depend Depend(FarmModel farm, string? id) =>
        EntityId.TryParse(id, out var parsed) && farm.Depends.TryGetValue(parsed, out var depend) ? depend : throw Missing("Depend", "id", id);

    /// <summary>The show with this id.</summary>
    public static Show Show(FarmModel farm, string? id) =>
        EntityId.TryParse(id, out var parsed) && farm.Shows.TryGet(parsed, out var show) ? show : throw Missing("Show", "id", id);

    /// <summary>The group with this id.</summary>
    public static Group Group(FarmModel farm, string? id) =>
        EntityId.TryParse(id, out var parsed) && farm.Groups.TryGetValue(parsed, out var group) ? group : throw Missing("Group", "id", id);

    /// <summary>The host with this id.</summary>
    public static Host Host(FarmModel farm, string? id) =>
        EntityId.TryParse(id, out var parsed) && farm.Hosts.TryGet(parsed, out var host) ? host : throw Missing("Host", "id", id);

    /// <summary>The host with this id, or else with this name.</summary>
    public static Host HostNamed(FarmModel farm, string? idOrName) =>
        (EntityId.TryParse(idOrName, out var parsed) ? farm.Hosts.Find(parsed) : farm.Hosts.Find(idOrName ?? ""))
        ?? throw Missing("Host", "id or name", idOrName);

    /// <summary>The proc with this id.</summary>
    public static Proc Proc(FarmModel farm, string? id) =>
        EntityId.TryParse(id, out var parsed) && farm.Procs.TryGetValue(parsed, out var proc)
            ? proc
            : throw Missing("Proc", "id", id, "procs go when their job has no more use for them");

    /// <summary>The run of the proc with this id.</summary>
    public static Run Run(FarmModel farm, string? procId) => Proc(farm, procId).Run ?? throw Missing("Proc", "id", procId, "it runs nothing now");

    /// <summary>The limit with this id.</summary>
    public static Limit Limit(FarmModel farm, string? id) => farm.Limits.Find(Id("Limit", id)) ?? throw Missing("Limit", "id", id);

    /// <summary>The limit of this name.</summary>
    public static Limit LimitNamed(FarmModel farm, string name) => farm.Limits.Find(name) ?? throw Missing("Limit", "name", name);

    /// <summary>The allocation with this id, or else with this full name.</summary>
    public static Allocation Allocation(FarmModel farm, string? idOrName) =>
        (EntityId.TryParse(idOrName, out var parsed) ? farm.Allocations.Find(parsed) : farm.Allocations.Find(idOrName ?? ""))
        ?? throw Missing("Allocation", "id or name", idOrName);

    /// <summary>The facility with this id, or else with this name.</summary>
    public static Facility Facility(FarmModel farm, string? idOrName) =>
        (EntityId.TryParse(idOrName, out var parsed) ? farm.Facilities.Find(parsed) : farm.Facilities.Find(idOrName ?? ""))
        ?? throw Missing("Facility", "id or name", idOrName);

    /// <summary>What to throw when something is not there.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="by">What it was looked for by.</param>
    /// <param name="value">What was looked for.</param>
    /// <param name="hint">Why it may not be there.</param>
    public static FarmException Missing(string kind, string by, string? value, string? hint = null) =>
        FarmException.NotFound($"{kind} not found: none has the {by} \"{value}\"{(hint is null ? "" : $" ({hint})")}.");
}
