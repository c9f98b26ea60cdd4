using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Facilities;

/// <summary>A facility: a site with hosts of its own. A job runs in one facility.</summary>
public sealed class Facility(FacilityRow row) : Entity<FacilityRow>(row)
{
    /// <summary>Its allocations.</summary>
    public List<Allocation> Allocations { get; } = [];

    internal override void Attach(FarmModel farm) => farm.Facilities.Add(this);

    internal override void Detach(FarmModel farm) => farm.Facilities.Remove(this);

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, FacilityRow old)
    {
        farm.Facilities.Rename(this, old.Name, Row.Name);
        if (old.SchedulingPolicy != Row.SchedulingPolicy)
        {
            farm.Marks.Everything = true;
        }
    }
}

/// <summary>What is stored of a facility.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Name">Unique name, lower case.</param>
/// <param name="IsDefault">True for the one facility of jobs that name none.</param>
/// <param name="SchedulingPolicy">The policy that orders its work; empty for the site's default.</param>
public sealed record FacilityRow(EntityId Id, string Name, bool IsDefault, string SchedulingPolicy = "") : INamedRow;
