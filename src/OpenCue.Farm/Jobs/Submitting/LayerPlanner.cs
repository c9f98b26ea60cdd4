using OpenCue.Farm.Services;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Jobs.Submitting;

/// <summary>
/// Works out the layers of one job: what the specification says, over what the layer's service says, over what the last such job has shown.
/// </summary>
internal sealed class LayerPlanner(FarmModel farm, Show show, string jobName, FarmTime now)
{
    private readonly Job? _lastJob = LastJob.Find(show, jobName);

    /// <summary>What the submitter should know.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>The layer at a place in the job.</summary>
    public PlannedLayer Plan(LayerSpec spec, int dispatchOrder)
    {
        var services = spec.Services.Where(s => s.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        var values = Values(FindService(spec.Name, services)).OverriddenBy(spec);
        var chunks = spec.Chunks();
        return new PlannedLayer(
            new LayerRow
            {
                Id = EntityId.None,
                JobId = EntityId.None,
                Name = spec.Name,
                Type = spec.Type,
                Command = spec.Command,
                Range = spec.Range.Text,
                ChunkSize = spec.ChunkSize,
                DispatchOrder = dispatchOrder,
                MinCores = values.MinCorePoints,
                MaxCores = values.MaxCorePoints,
                MinMemoryKib = Memory(spec, values.MinMemoryKib),
                MinGpus = Math.Max(0, values.MinGpus),
                MaxGpus = values.MaxGpus,
                MinGpuMemoryKib = Math.Clamp(values.MinGpuMemoryKib, 0, farm.Settings.GpuMemoryReservedMaxKib),
                Threadable = values.Threadable,
                Tags = values.Tags,
                Services = services.ToValueList(),
                LimitIds = Limits(spec).ToValueList(),
                TimeoutMinutes = Math.Max(0, values.TimeoutMinutes),
                TimeoutLogMinutes = Math.Max(0, values.TimeoutLluMinutes),
                Environment = spec.Environment,
                Outputs = spec.Outputs.Where(o => o.Length > 0).Distinct(StringComparer.Ordinal).ToValueList(),
                CreatedAtMs = now.WallMs,
                FrameCount = chunks.Count,
            },
            chunks);
    }

    /// <summary>
    /// The first service that exists, the show's override before the farm's own; else "default", whose name then joins the list.
    /// </summary>
    private ServiceRow FindService(string layer, List<string> services)
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (Find(services[i]) is { } service)
            {
                WarnOfUnknown(layer, services.Take(i));
                return service;
            }
        }

        WarnOfUnknown(layer, services);
        services.Add("default");
        return Find("default")
            ?? throw SubmissionPlan.Refused(
                $"error launching job: {jobName},the layer {layer} names no service that exists, and the farm lacks the service 'default'");
    }

    private ServiceRow? Find(string nameOrId) =>
        EntityId.TryParse(nameOrId, out var id) && farm.Services.TryGet(id, out var byId)
            ? byId.Row
            : farm.Services.Find(show.Id, nameOrId)?.Row;

    private void WarnOfUnknown(string layer, IEnumerable<string> services)
    {
        foreach (var service in services)
        {
            Warnings.Add($"the layer {layer} of job {jobName} names the service {service}, which does not exist");
        }
    }

    private long Memory(LayerSpec spec, long asked) =>
        Math.Max(farm.Settings.MemoryReservedMinKib, spec.MinMemoryKib is null ? LastJob.MemoryOf(_lastJob, spec.Name) ?? asked : asked);

    private IEnumerable<EntityId> Limits(LayerSpec spec)
    {
        foreach (var name in spec.Limits.Where(l => l.Length > 0).Distinct(StringComparer.Ordinal))
        {
            yield return (farm.Limits.Find(name)
                ?? throw SubmissionPlan.Refused(
                    $"error launching job: {jobName},the layer {spec.Name} names the limit {name}, which does not exist")).Id;
        }
    }

    private static ServiceValues Values(ServiceRow service) => new()
    {
        Threadable = service.Threadable,
        MinCorePoints = service.MinCores,
        MaxCorePoints = service.MaxCores,
        MinMemoryKib = service.MinMemoryKib,
        MinGpus = service.MinGpus,
        MaxGpus = service.MaxGpus,
        MinGpuMemoryKib = service.MinGpuMemoryKib,
        Tags = service.Tags,
        TimeoutMinutes = service.TimeoutMinutes,
        TimeoutLluMinutes = service.TimeoutLogMinutes,
    };
}
