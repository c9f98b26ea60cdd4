using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api.Searches;

/// <summary>Frames of one layer that are looked at in one go, so few that the writer doesn't notice.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="First">Ordinal of the first.</param>
/// <param name="End">Ordinal behind the last.</param>
internal readonly record struct FrameSlice(EntityId Layer, int First, int End)
{
    private const int Size = 2048;

    /// <summary>All frames of the layers, in slices.</summary>
    public static List<FrameSlice> Of(IEnumerable<Layer> layers)
    {
        var slices = new List<FrameSlice>();
        foreach (var layer in layers)
        {
            for (var first = 0; first < layer.FrameCount; first += Size)
            {
                slices.Add(new FrameSlice(layer.Id, first, Math.Min(first + Size, layer.FrameCount)));
            }
        }

        return slices;
    }
}
