using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Services;

/// <summary>A kind of work with what it needs by default; a layer that names the service starts from these values.</summary>
public sealed class Service(ServiceRow row) : Entity<ServiceRow>(row)
{
    internal override void Attach(FarmModel farm) => farm.Services.Add(this);

    internal override void Detach(FarmModel farm) => farm.Services.Remove(this);

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, ServiceRow old) => farm.Services.Rename(this, old, Row);
}

/// <summary>What is stored of a service. With a show it is that show's override: a complete record, not a patch.</summary>
public sealed record ServiceRow : INamedRow
{
    /// <inheritdoc/>
    public required EntityId Id { get; init; }

    /// <inheritdoc/>
    public required string Name { get; init; }

    /// <summary>The show that overrides the service; null for the farm's own.</summary>
    public EntityId? ShowId { get; init; }

    /// <summary>True if it can use more than one core.</summary>
    public bool Threadable { get; init; }

    /// <summary>Core points.</summary>
    public int MinCores { get; init; } = 100;

    /// <summary>Core points; 0 means no maximum.</summary>
    public int MaxCores { get; init; }

    /// <summary>Memory, KiB.</summary>
    public long MinMemoryKib { get; init; } = 4 * 1048576;

    /// <summary>GPUs.</summary>
    public int MinGpus { get; init; }

    /// <summary>GPUs; 0 means no maximum.</summary>
    public int MaxGpus { get; init; }

    /// <summary>GPU memory, KiB.</summary>
    public long MinGpuMemoryKib { get; init; }

    /// <summary>How much more memory a frame gets after it failed for want of memory, KiB.</summary>
    public long MinMemoryIncreaseKib { get; init; } = 2 * 1048576;

    /// <summary>Tags of hosts it runs on.</summary>
    public ValueList<string> Tags { get; init; } = [];

    /// <summary>Minutes a frame may run; 0 means for ever.</summary>
    public int TimeoutMinutes { get; init; }

    /// <summary>Minutes a frame may go without writing to its log; 0 means for ever.</summary>
    public int TimeoutLogMinutes { get; init; }
}
