using Grpc.Core;
using Google.Protobuf;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api.Searches;

/// <summary>
/// One page of the frames that match a search, in the order of their place in the layer and then of the layer, so that layers interleave. A job
/// has up to 100,000 frames: they are looked at in slices, between which the writer goes on, and if nothing is searched for, not at all.
/// </summary>
internal sealed class FramePage(FarmAccess access, IMessage request, ServerCallContext context)
{
    private const int UsualLimit = 1000;

    /// <summary>The page of the criteria. Page 0 is page 1; without a limit there are 1,000 frames (OpenCue returns none then).</summary>
    /// <param name="criteria">What is searched for, and which page of it.</param>
    /// <param name="layersOf">The layers to look at; throws if their job is not there.</param>
    public async Task<Wire.FrameSeq> ReadAsync(Wire.FrameSearchCriteria? criteria, Func<FarmModel, IReadOnlyList<Layer>> layersOf)
    {
        var search = FrameSearch.Of(criteria);
        var limit = criteria is { Limit: > 0 } ? criteria.Limit : UsualLimit;
        var skip = (long)(Math.Max(1, criteria?.Page ?? 1) - 1) * limit;

        // A search that takes all frames knows its page without looking at them, as long as nobody reordered them.
        var places = await access.ReadAsync(request, context, farm => search.TakesWholeLayers ? InPlace(Looked(farm), skip, limit) : null)
            ?? await FindAsync();
        var nowMs = access.NowMs;
        var frames = await access.ReadListAsync<Place, Wire.Frame>(
            request,
            context,
            _ => places,
            (farm, place, found) =>
            {
                if (farm.Layers.TryGetValue(place.Layer, out var layer))
                {
                    found.Add(FrameMessages.Of(farm, layer, place.Ordinal, nowMs));
                }
            });
        return new Wire.FrameSeq { Frames = { frames } };

        Layer[] Looked(FarmModel farm) => [.. layersOf(farm).Where(search.LooksAt).OrderBy(layer => layer.Row.DispatchOrder)];

        async Task<List<Place>> FindAsync()
        {
            var now = access.NowMs;
            var found = await access.ReadListAsync<FrameSlice, Place>(
                request, context, farm => FrameSlice.Of(Looked(farm)), (farm, slice, list) => Scan(farm, slice, search, now, list));
            found.Sort();
            return skip >= found.Count ? [] : found.GetRange((int)skip, (int)Math.Min(limit, found.Count - skip));
        }
    }

    /// <summary>The frames of a page of all frames of the layers; null if somebody reordered frames.</summary>
    private static List<Place>? InPlace(Layer[] layers, long skip, int limit)
    {
        if (Array.Exists(layers, layer => layer.IsReordered))
        {
            return null;
        }

        var places = new List<Place>();
        var longest = layers.Length == 0 ? 0 : layers.Max(layer => layer.FrameCount);
        var ordinal = FirstOrdinal(layers, longest, skip);
        var behind = skip - CountBefore(layers, ordinal);
        for (; ordinal < longest && places.Count < limit; ordinal++)
        {
            foreach (var layer in layers)
            {
                if (ordinal < layer.FrameCount && behind-- <= 0 && places.Count < limit)
                {
                    places.Add(new Place(ordinal, layer.Row.DispatchOrder, layer.Id, ordinal));
                }
            }
        }

        return places;
    }

    /// <summary>The greatest ordinal before which there are no more frames than are to be skipped.</summary>
    private static int FirstOrdinal(Layer[] layers, int longest, long skip)
    {
        var (low, high) = (0, longest);
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            (low, high) = CountBefore(layers, middle) <= skip ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private static long CountBefore(Layer[] layers, int ordinal) => layers.Sum(layer => (long)Math.Min(layer.FrameCount, ordinal));

    private static void Scan(FarmModel farm, FrameSlice slice, FrameSearch search, long nowMs, List<Place> found)
    {
        if (!farm.Layers.TryGetValue(slice.Layer, out var layer))
        {
            return;
        }

        for (var i = slice.First; i < slice.End; i++)
        {
            if (search.Matches(layer, i, nowMs))
            {
                found.Add(new Place(layer.Frames[i].DispatchOrder, layer.Row.DispatchOrder, layer.Id, i));
            }
        }
    }

    /// <summary>A frame and its place in the order.</summary>
    private readonly record struct Place(int DispatchOrder, int LayerOrder, EntityId Layer, int Ordinal) : IComparable<Place>
    {
        public int CompareTo(Place other) =>
            DispatchOrder != other.DispatchOrder ? DispatchOrder.CompareTo(other.DispatchOrder)
            : LayerOrder != other.LayerOrder ? LayerOrder.CompareTo(other.LayerOrder)
            : Ordinal.CompareTo(other.Ordinal);
    }
}
