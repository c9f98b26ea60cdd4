using System.Diagnostics.CodeAnalysis;
using OpenCue.Farm.Hosts;

namespace OpenCue.Farm.Scheduling.Matching;

/// <summary>The places of all hosts that were looked at, whichever allocation they are in.</summary>
internal sealed class HostPlaces(FarmModel farm)
{
    private readonly Dictionary<Host, HostPlace> _places = [];

    public bool TryGet(Host host, [NotNullWhen(true)] out HostPlace? place) => _places.TryGetValue(host, out place);

    /// <summary>The place of the host with this id, or null.</summary>
    public HostPlace? Find(EntityId host) => farm.Hosts.TryGet(host, out var found) ? _places.GetValueOrDefault(found) : null;

    public void Add(HostPlace place) => _places.Add(place.Host, place);

    public void Remove(HostPlace place) => _places.Remove(place.Host);

    public void Clear() => _places.Clear();
}
