using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using DependTarget = OpenCue.Protocol.DependTarget;
using DependType = OpenCue.Specs.Launch.DependType;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Depends as clients see them: names, not ids.</summary>
internal static class DependMessages
{
    /// <summary>The depend.</summary>
    public static Wire.Depend Of(Depend depend) => Make(depend, depend.Id, depend.Row.Type, depend.Row.Active, depend.Row.ErFrame, depend.Row.OnFrame);

    /// <summary>
    /// One edge of a depend that joins frames pairwise: clients see a FRAME_ON_FRAME depend with an id made of the depend's and the edge's number.
    /// </summary>
    public static Wire.Depend OfEdge(Depend depend, int number, int erFrame, int onFrame) => Make(
        depend,
        depend.Id.Frame(number),
        DependType.FrameOnFrame,
        depend.Row.Active && DependEdges.IsOpen(depend, erFrame, onFrame, number),
        erFrame,
        onFrame);

    private static Wire.Depend Make(Depend depend, EntityId id, DependType type, bool active, int? erFrame, int? onFrame) => new()
    {
        Id = id.ToString(),
        Type = (Wire.DependType)type,
        Target = TargetOf(depend),
        AnyFrame = depend.Row.AnyFrame,
        Active = active,
        DependErJob = depend.ErJob.Row.Name,
        DependErLayer = depend.ErLayer?.Row.Name ?? "",
        DependErFrame = FrameName(depend.ErLayer, erFrame),
        DependOnJob = depend.OnJob.Row.Name,
        DependOnLayer = depend.OnLayer?.Row.Name ?? "",
        DependOnFrame = FrameName(depend.OnLayer, onFrame),
    };

    /// <summary>Anything with a whole job on one side counts as external, as it does in OpenCue.</summary>
    private static DependTarget TargetOf(Depend depend) =>
        depend.IsInternal && depend is { ErLayer: not null, OnLayer: not null } ? DependTarget.Internal : DependTarget.External;

    private static string FrameName(Layer? layer, int? ordinal) =>
        layer is not null && ordinal is { } frame ? layer.FrameName(frame) : "";
}
