using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Limits;

/// <summary>A number of things, licences most of all, that frames of the layers under it may use at once.</summary>
public sealed class Limit(LimitRow row) : Entity<LimitRow>(row)
{
    /// <summary>Number of running frames of layers under this limit.</summary>
    public int Running { get; internal set; }

    internal override void Attach(FarmModel farm) => farm.Limits.Add(this);

    internal override void Detach(FarmModel farm) => farm.Limits.Remove(this);

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, LimitRow old)
    {
        farm.Limits.Rename(this, old.Name, Row.Name);
        farm.Marks.Everything = true;
    }
}

/// <summary>What is stored of a limit.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Name">Unique name.</param>
/// <param name="MaxValue">How many frames may run at once.</param>
public sealed record LimitRow(EntityId Id, string Name, int MaxValue) : INamedRow;
