using OpenCue.Farm.Services;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Services as clients see them: cores are core points here.</summary>
internal static class ServiceMessages
{
    /// <summary>The service.</summary>
    public static Wire.Service Of(Service service)
    {
        var row = service.Row;
        return new Wire.Service
        {
            Id = row.Id.ToString(),
            Name = row.Name,
            Threadable = row.Threadable,
            MinCores = row.MinCores,
            MaxCores = row.MaxCores,
            MinMemory = row.MinMemoryKib,
            MinGpuMemory = row.MinGpuMemoryKib,
            Tags = { row.Tags },
            Timeout = row.TimeoutMinutes,
            TimeoutLlu = row.TimeoutLogMinutes,
            MinGpus = row.MinGpus,
            MaxGpus = row.MaxGpus,
            MinMemoryIncrease = WireUnits.Clamp(row.MinMemoryIncreaseKib),
        };
    }
}
