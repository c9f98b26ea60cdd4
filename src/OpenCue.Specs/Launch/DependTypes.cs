using System.Collections.Frozen;

namespace OpenCue.Specs.Launch;

/// <summary>The names of the types of depends, as specifications and the wire write them, and what each needs to be complete.</summary>
public static class DependTypes
{
    private static readonly (DependType Type, string Name, string[] Needs)[] All =
    [
        (DependType.JobOnJob, "JOB_ON_JOB", []),
        (DependType.JobOnLayer, "JOB_ON_LAYER", ["onlayer"]),
        (DependType.JobOnFrame, "JOB_ON_FRAME", ["onframe"]),
        (DependType.LayerOnJob, "LAYER_ON_JOB", ["deplayer"]),
        (DependType.LayerOnLayer, "LAYER_ON_LAYER", ["deplayer", "onlayer"]),
        (DependType.LayerOnFrame, "LAYER_ON_FRAME", ["deplayer", "onframe"]),
        (DependType.FrameOnJob, "FRAME_ON_JOB", ["depframe"]),
        (DependType.FrameOnLayer, "FRAME_ON_LAYER", ["depframe", "onlayer"]),
        (DependType.FrameOnFrame, "FRAME_ON_FRAME", ["depframe", "onframe"]),
        (DependType.FrameByFrame, "FRAME_BY_FRAME", ["deplayer", "onlayer"]),
        (DependType.PreviousFrame, "PREVIOUS_FRAME", ["deplayer", "onlayer"]),
        (DependType.LayerOnSimFrame, "LAYER_ON_SIM_FRAME", ["deplayer", "onframe"]),
    ];

    private static readonly FrozenDictionary<string, DependType> ByName =
        All.ToFrozenDictionary(row => row.Name, row => row.Type, StringComparer.OrdinalIgnoreCase);

    /// <summary>All names, in the order of the wire's numbers.</summary>
    public static IEnumerable<string> Names => All.Select(row => row.Name);

    /// <summary>The name of a type, as in LAYER_ON_LAYER.</summary>
    public static string NameOf(DependType type) => All[(int)type].Name;

    /// <summary>Finds a type by its name in any case.</summary>
    public static bool TryParse(string? name, out DependType type)
    {
        type = default;
        return name is not null && ByName.TryGetValue(name, out type);
    }

    /// <summary>The elements that a depend of the type needs besides the two jobs.</summary>
    internal static IEnumerable<string> NeededElements(DependType type) => All[(int)type].Needs;
}
