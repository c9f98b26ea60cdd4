namespace OpenCue.Specs.Launch;

/// <summary>A job of a launch specification. Null means that the specification does not say.</summary>
public sealed record JobSpec
{
    /// <summary>The name as written; <see cref="JobSpecDocument.FullJobName"/> gives the name the job will have.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the job waits for somebody to resume it.</summary>
    public bool Paused { get; init; }

    /// <summary>The priority, higher first; null means 1.</summary>
    public int? Priority { get; init; }

    /// <summary>How often a failed frame is tried again: 0 or 1 unless the site allows more; null means 1.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>
    /// The most whole cores that the job may use; null means 100. -1 is kept as it is: for a job it is no word for "unlimited" but stops booking.
    /// </summary>
    public int? MaxWholeCores { get; init; }

    /// <summary>The most GPUs that the job may use; null means 100.</summary>
    public int? MaxGpus { get; init; }

    /// <summary>Whether frames that fail are eaten at once.</summary>
    public bool AutoEat { get; init; }

    /// <summary>The operating system that hosts must have; null means any.</summary>
    public string? Os { get; init; }

    /// <summary>Set when the job is to be rendered on a host of the user's own.</summary>
    public LocalBookSpec? LocalBook { get; init; }

    /// <summary>The variables of the job, each name once.</summary>
    public ValueList<EnvironmentVariable> Environment { get; init; } = [];

    /// <summary>The layers in their order; those of type <see cref="LayerType.Post"/> make up the post job.</summary>
    public required ValueList<LayerSpec> Layers { get; init; }
}
