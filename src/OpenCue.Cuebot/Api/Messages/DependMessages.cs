using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Depends as clients see them: names, not ids.</summary>
internal static class DependMessages
{
    /// <summary>The depend.</summary>
    public static Wire.Depend Of(Depend depend)
    {
        var row = depend.Row;
        return new Wire.Depend
        {
            Id = row.Id.ToString(),
            Type = (Wire.DependType)row.Type,
            Target = TargetOf(depend),
            AnyFrame = row.AnyFrame,
            Active = row.Active,
            DependErJob = depend.ErJob.Row.Name,
            DependErLayer = depend.ErLayer?.Row.Name ?? "",
            DependErFrame = FrameName(depend.ErLayer, row.ErFrame),
            DependOnJob = depend.OnJob.Row.Name,
            DependOnLayer = depend.OnLayer?.Row.Name ?? "",
            DependOnFrame = FrameName(depend.OnLayer, row.OnFrame),
        };
    }

    /// <summary>Anything with a whole job on one side counts as external, as it does in OpenCue.</summary>
    private static Wire.DependTarget TargetOf(Depend depend) =>
        depend.IsInternal && depend is { ErLayer: not null, OnLayer: not null } ? Wire.DependTarget.Internal : Wire.DependTarget.External;

    private static string FrameName(Layer? layer, int? ordinal) =>
        layer is not null && ordinal is { } frame ? layer.FrameName(frame) : "";
}
