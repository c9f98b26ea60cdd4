namespace OpenCue.Simulator.Traces;

/// <summary>Files and columns of a trace in CSV; the reader, the writer and the manual follow them.</summary>
internal static class TraceColumns
{
    /// <summary>The file with name, start and farm: a JSON trace without jobs.</summary>
    public const string HeadFile = "trace.json";

    /// <summary>The file of jobs.</summary>
    public const string JobsFile = "jobs.csv";

    /// <summary>The file of layers.</summary>
    public const string LayersFile = "layers.csv";

    /// <summary>The file of depends; it may be left out.</summary>
    public const string DependsFile = "depends.csv";

    /// <summary>The file of frames and their runs.</summary>
    public const string FramesFile = "frames.csv";

    /// <summary>Columns of jobs, those first that must be there.</summary>
    public static readonly string[] Jobs =
        ["job", "name", "show", "user", "submit_seconds", "shot", "group", "facility", "os", "priority", "max_cores", "max_gpus", "retries"];

    /// <summary>How many of <see cref="Jobs"/> must be there.</summary>
    public const int JobsNeeded = 5;

    /// <summary>Columns of layers, those first that must be there.</summary>
    public static readonly string[] Layers =
        ["job", "layer", "range", "chunk", "cores", "threadable", "memory_kib", "gpus", "gpu_memory_kib", "tags", "limits", "services"];

    /// <summary>How many of <see cref="Layers"/> must be there.</summary>
    public const int LayersNeeded = 3;

    /// <summary>Columns of depends, those first that must be there.</summary>
    public static readonly string[] Depends = ["job", "type", "layer", "frame", "on_job", "on_layer", "on_frame", "any_frame"];

    /// <summary>How many of <see cref="Depends"/> must be there.</summary>
    public const int DependsNeeded = 2;

    /// <summary>Columns of frames, those first that must be there.</summary>
    public static readonly string[] Frames = ["job", "layer", "frame", "seconds", "peak_kib", "exit"];

    /// <summary>How many of <see cref="Frames"/> must be there.</summary>
    public const int FramesNeeded = 4;
}
