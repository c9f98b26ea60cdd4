using OpenCue.Farm.Facilities;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Allocations as clients see them.</summary>
internal static class AllocationMessages
{
    /// <summary>The allocation without its stats, which are summed up host by host (<see cref="AllocationSums"/>).</summary>
    public static Wire.Allocation Of(Allocation allocation) => new()
    {
        Id = allocation.Id.ToString(),
        Name = allocation.Row.Name,
        Tag = allocation.Row.Tag,
        Facility = allocation.Facility.Row.Name,
        Billable = allocation.Row.Billable,
    };
}
