using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Hosts;

/// <summary>
/// A place on a host that a job holds from run to run: cores, memory, GPUs. It keeps its id and its booked time while it stays on the job.
/// All use of hosts, subscriptions, groups, jobs and layers is counted here and nowhere else.
/// </summary>
public sealed class Proc(ProcRow row, Host host, Layer layer) : Entity<ProcRow>(row)
{
    /// <summary>The host it is on.</summary>
    public Host Host { get; } = host;

    /// <summary>The layer whose frame it runs, or ran last.</summary>
    public Layer Layer { get; private set; } = layer;

    /// <summary>The job that holds it.</summary>
    public Job Job => Layer.Job;

    /// <summary>What it runs; null between two runs.</summary>
    public Run? Run { get; internal set; }

    /// <summary>When what it runs was booked, ms since 1970; when the job got it, if it runs nothing.</summary>
    public long DispatchedAtMs => Run?.Row.BookedAtMs ?? Row.BookedAtMs;

    internal override void Attach(FarmModel farm)
    {
        farm.Procs.Add(Id, this);
        Host.Procs.Add(this);
        Job.Procs.Add(this);
        Count(farm, Row, Layer, 1);
        Host.LastLayer = Layer;
    }

    internal override void Detach(FarmModel farm)
    {
        Count(farm, Row, Layer, -1);
        farm.Procs.Remove(Id);
        Host.Procs.Remove(this);
        Job.Procs.Remove(this);
    }

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, ProcRow old)
    {
        if (old.Reserved == Row.Reserved && old.LayerId == Row.LayerId)
        {
            return;
        }

        Count(farm, old, Layer, -1);
        if (old.LayerId != Row.LayerId)
        {
            Layer = Job.Layers.Find(l => l.Id == Row.LayerId)
                ?? throw new InvalidOperationException($"Proc {Id} can't move to layer {Row.LayerId}: it is not of its job.");
        }

        Count(farm, Row, Layer, 1);
        Host.LastLayer = Layer;
    }

    private void Count(FarmModel farm, ProcRow row, Layer layer, int sign)
    {
        var amount = sign > 0 ? row.Reserved : default(Resources) - row.Reserved;
        Host.Reserved += amount;
        layer.Use += amount;
        if (row.Local)
        {
            layer.Job.LocalUse += amount;
        }
        else
        {
            layer.Job.Use += amount;
            farm.Advance(layer.Job.Group.Meter, layer.Job.Group.Use.CorePoints);
            layer.Job.Group.Use += amount;
            if (Host.Allocation.Subscriptions.TryGetValue(layer.Job.Show.Id, out var subscription))
            {
                farm.Advance(subscription.Meter, subscription.Use.CorePoints);
                subscription.Use += amount;
                if (sign < 0)
                {
                    farm.Marks.Subscriptions.Add(subscription);
                }
            }
        }

        if (sign < 0)
        {
            farm.Marks.Hosts.Add(Host);
            farm.Marks.Jobs.Add(layer.Job);
        }
    }
}

/// <summary>What is stored of a proc.</summary>
public sealed record ProcRow : IRow
{
    /// <inheritdoc/>
    public required EntityId Id { get; init; }

    /// <summary>Its host.</summary>
    public required EntityId HostId { get; init; }

    /// <summary>The layer whose frame it runs, or ran last; the job follows from it.</summary>
    public required EntityId LayerId { get; init; }

    /// <summary>What it reserves now.</summary>
    public required Resources Reserved { get; init; }

    /// <summary>Memory reserved when it was booked, KiB.</summary>
    public long BookedMemoryKib { get; init; }

    /// <summary>When the job got it, ms since 1970.</summary>
    public long BookedAtMs { get; init; }

    /// <summary>True: it is given back when its run ends.</summary>
    public bool Unbooked { get; init; }

    /// <summary>True: booked by a person on a host of their own; counts against no cap.</summary>
    public bool Local { get; init; }
}
