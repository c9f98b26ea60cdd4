using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Facilities;

/// <summary>A named part of a facility's hosts. A show books on an allocation's hosts if it has a subscription on it.</summary>
public sealed class Allocation(AllocationRow row, Facility facility) : Entity<AllocationRow>(row)
{
    /// <summary>The facility it is part of.</summary>
    public Facility Facility { get; } = facility;

    /// <summary>Its hosts.</summary>
    public HashSet<Host> Hosts { get; } = [];

    /// <summary>Subscriptions on it, by show.</summary>
    public Dictionary<EntityId, Subscription> Subscriptions { get; } = [];

    internal override void Attach(FarmModel farm)
    {
        farm.Allocations.Add(this);
        Facility.Allocations.Add(this);
    }

    internal override void Detach(FarmModel farm)
    {
        farm.Allocations.Remove(this);
        Facility.Allocations.Remove(this);
    }

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, AllocationRow old)
    {
        farm.Allocations.Rename(this, old.Name, Row.Name);
        farm.Marks.Everything = true;
        foreach (var host in Hosts)
        {
            host.TagsChanged();
        }
    }
}

/// <summary>What is stored of an allocation.</summary>
/// <param name="Id">Identity.</param>
/// <param name="FacilityId">Its facility.</param>
/// <param name="Name">Unique full name, <c>facility.allocation</c>.</param>
/// <param name="Tag">The tag that its hosts carry.</param>
/// <param name="Billable">True if use of it is charged; stored for clients.</param>
/// <param name="IsDefault">True for the one allocation of hosts whose report names none.</param>
public sealed record AllocationRow(EntityId Id, EntityId FacilityId, string Name, string Tag, bool Billable, bool IsDefault) : INamedRow;
