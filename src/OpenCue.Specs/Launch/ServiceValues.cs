namespace OpenCue.Specs.Launch;

/// <summary>
/// What a service gives to the layers that name it, or a layer ends up with once its own values have replaced those of its service.
/// </summary>
public sealed record ServiceValues
{
    /// <summary>Whether a frame may use more than one thread.</summary>
    public required bool Threadable { get; init; }

    /// <summary>The least cores of a frame, in hundredths of a core; 0 for all of a host, negative for all but so many.</summary>
    public required int MinCorePoints { get; init; }

    /// <summary>The most cores of a frame, in hundredths of a core; 0 for no bound.</summary>
    public required int MaxCorePoints { get; init; }

    /// <summary>The least memory of a frame, in KiB.</summary>
    public required long MinMemoryKib { get; init; }

    /// <summary>The least GPUs of a frame.</summary>
    public required int MinGpus { get; init; }

    /// <summary>The most GPUs of a frame; 0 for no bound.</summary>
    public required int MaxGpus { get; init; }

    /// <summary>The least GPU memory of a frame, in KiB.</summary>
    public required long MinGpuMemoryKib { get; init; }

    /// <summary>The tags of which a host must have one.</summary>
    public required ValueList<string> Tags { get; init; }

    /// <summary>After how many minutes a frame is killed; 0 never.</summary>
    public required int TimeoutMinutes { get; init; }

    /// <summary>After how many minutes without a change of its log a frame is killed; 0 never.</summary>
    public required int TimeoutLluMinutes { get; init; }

    /// <summary>
    /// The values of a layer: its own where the specification gives them, else these. A layer that may get less than a whole core is
    /// never threadable, and none gets less than a tenth of a core.
    /// </summary>
    public ServiceValues OverriddenBy(LayerSpec layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        var points = layer.MinCorePoints ?? MinCorePoints;
        return new ServiceValues
        {
            Threadable = points is not (> 0 and < 100) && (layer.Threadable ?? Threadable),
            MinCorePoints = points is > 0 and < 10 ? 10 : points,
            MaxCorePoints = MaxCorePoints,
            MinMemoryKib = layer.MinMemoryKib ?? MinMemoryKib,
            MinGpus = layer.MinGpus ?? MinGpus,
            MaxGpus = MaxGpus,
            MinGpuMemoryKib = layer.MinGpuMemoryKib ?? MinGpuMemoryKib,
            Tags = layer.Tags ?? Tags,
            TimeoutMinutes = layer.TimeoutMinutes ?? TimeoutMinutes,
            TimeoutLluMinutes = layer.TimeoutLluMinutes ?? TimeoutLluMinutes,
        };
    }
}
