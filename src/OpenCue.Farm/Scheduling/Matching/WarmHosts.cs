using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>Hosts of an index by the layer that ran there last.</summary>
internal sealed class WarmHosts
{
    private readonly Dictionary<Layer, List<HostPlace>> _byLayer = [];

    /// <summary>Those that ran the layer last, in no order.</summary>
    public IReadOnlyList<HostPlace> Of(Layer layer) => _byLayer.TryGetValue(layer, out var places) ? places : [];

    public void Add(HostPlace place, Layer layer)
    {
        if (!_byLayer.TryGetValue(layer, out var places))
        {
            _byLayer.Add(layer, places = []);
        }

        (place.Warm, place.WarmAt) = (layer, places.Count);
        places.Add(place);
    }

    public void Remove(HostPlace place)
    {
        if (place.Warm is not { } layer)
        {
            return;
        }

        var places = _byLayer[layer];
        var last = places[^1];
        (places[place.WarmAt], last.WarmAt, place.Warm) = (last, place.WarmAt, null);
        places.RemoveAt(places.Count - 1);
        if (places.Count == 0)
        {
            _byLayer.Remove(layer);
        }
    }
}
