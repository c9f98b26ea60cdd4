
namespace OpenCue.Farm.Depends;

/// <summary>
/// A depend as clients see it. The types that join frames pairwise are one depend here and, besides, one FRAME_ON_FRAME for each edge
/// there.
/// </summary>
/// <param name="Depend">The depend.</param>
/// <param name="Edge">The number of the edge that is meant; null for the depend itself.</param>
/// <param name="ErFrame">The ordinal of the frame that waits; null if a whole layer or job does.</param>
/// <param name="OnFrame">The ordinal of the frame that is waited for; null if a whole layer or job is.</param>
public readonly record struct DependView(Depend Depend, int? Edge, int? ErFrame, int? OnFrame)
{
    /// <summary>The id by which clients name it: the depend's, or for an edge one that follows from it and never changes.</summary>
    public EntityId Id => Edge is { } edge ? Depend.Id.Frame(edge) : Depend.Id;

    /// <summary>What waits for what.</summary>
    public DependType Type => Edge is null ? Depend.Row.Type : DependType.FrameOnFrame;

    /// <summary>True while it holds.</summary>
    public bool Active => Depend.Row.Active
        && (Edge is not { } edge || DependEdges.IsOpen(Depend, ErFrame!.Value, OnFrame!.Value, edge));

    /// <summary>Inside one job or between two.</summary>
    public DependTarget Target => Depend.IsInternal ? DependTarget.Internal : DependTarget.External;

    /// <summary>What waits.</summary>
    public DependEnd Er => new(Depend.ErJob, Depend.ErLayer, ErFrame);

    /// <summary>What is waited for.</summary>
    public DependEnd On => new(Depend.OnJob, Depend.OnLayer, OnFrame);

    internal static DependView Of(Depend depend) => new(depend, null, depend.Row.ErFrame, depend.Row.OnFrame);
}
