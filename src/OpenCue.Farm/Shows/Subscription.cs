using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;

namespace OpenCue.Farm.Shows;

/// <summary>A show's right to book on an allocation.</summary>
public sealed class Subscription(SubscriptionRow row, Show show, Allocation allocation) : Entity<SubscriptionRow>(row)
{
    /// <summary>The show.</summary>
    public Show Show { get; } = show;

    /// <summary>The allocation.</summary>
    public Allocation Allocation { get; } = allocation;

    /// <summary>What the show's procs reserve on the allocation's hosts, local ones left out.</summary>
    public Resources Use { get; internal set; }

    /// <summary>What the show has used there of late.</summary>
    public UseMeter Meter { get; } = new();

    internal override void Attach(FarmModel farm)
    {
        if (farm.ShareUses.TryGetValue(Id, out var stored))
        {
            Meter.Restore(stored.Row);
        }

        farm.Subscriptions.Add(Id, this);
        Show.Subscriptions.Add(this);
        Allocation.Subscriptions.Add(Show.Id, this);
        Use = default;
        foreach (var host in Allocation.Hosts)
        {
            foreach (var proc in host.Procs)
            {
                if (proc.Job.Show == Show && !proc.Row.Local)
                {
                    Use += proc.Row.Reserved;
                }
            }
        }

        farm.Marks.Subscriptions.Add(this);
    }

    internal override void Detach(FarmModel farm)
    {
        farm.Subscriptions.Remove(Id);
        Show.Subscriptions.Remove(this);
        Allocation.Subscriptions.Remove(Show.Id);
    }

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, SubscriptionRow old) => farm.Marks.Subscriptions.Add(this);
}

/// <summary>What is stored of a subscription.</summary>
/// <param name="Id">Identity.</param>
/// <param name="ShowId">The show.</param>
/// <param name="AllocationId">The allocation.</param>
/// <param name="Size">Core points the show ought to have: orders shows, caps nothing.</param>
/// <param name="Burst">Core points the show may have at most.</param>
public sealed record SubscriptionRow(EntityId Id, EntityId ShowId, EntityId AllocationId, int Size, int Burst) : IRow;
