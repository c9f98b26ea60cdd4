using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Operations;

/// <summary>Makes the spans of frames that bulk operations are asked for.</summary>
public static class FrameSpans
{
    /// <summary>The whole layer.</summary>
    public static FrameSpan All(Layer layer) => new(layer.Id, 0, layer.FrameCount);

    /// <summary>These frames of a layer, neighbours joined; in ascending order, each once.</summary>
    public static IEnumerable<FrameSpan> Of(Layer layer, IEnumerable<int> ordinals)
    {
        var (first, count) = (-1, 0);
        foreach (var ordinal in ordinals.Order())
        {
            if (count > 0 && ordinal < first + count)
            {
                continue;
            }

            if (count > 0 && ordinal == first + count)
            {
                count++;
                continue;
            }

            if (count > 0)
            {
                yield return new FrameSpan(layer.Id, first, count);
            }

            (first, count) = (ordinal, 1);
        }

        if (count > 0)
        {
            yield return new FrameSpan(layer.Id, first, count);
        }
    }
}
