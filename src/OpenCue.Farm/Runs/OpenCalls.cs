using System.Runtime.InteropServices;
using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Runs;

/// <summary>
/// Calls to agents that have been handed out and have not come back. Kills name only the frame, so a call that is still on its way could meet the frame's
/// next run on that host: as long as one is open, the frame is not booked there.
/// </summary>
/// <remarks>
/// A call counts from the moment a rule asks for it to the moment its end is told to the model: there is no gap to book in. A run that was only
/// assumed to have ended holds its frame off its host in the same way, until the host has shown that it is gone, as does any other that the host shows
/// there; and a kill that was not answered does so for a while, as it may be carried out late.
/// </remarks>
public sealed class OpenCalls
{
    private readonly Dictionary<(EffectKind Kind, EntityId Run), Effect> _calls = [];
    private readonly Dictionary<(EntityId Host, EntityId Frame), int> _places = [];
    private readonly Dictionary<(EntityId Host, EntityId Frame), int> _held = [];
    private readonly Dictionary<(EntityId Host, EntityId Frame), long> _late = [];
    private readonly Dictionary<EntityId, int> _byHost = [];

    /// <summary>Number of hosts and frames that are held by a call or an old run.</summary>
    public int Count => _places.Count + _held.Count + _late.Count;

    /// <summary>All open calls.</summary>
    public IReadOnlyCollection<Effect> All => _calls.Values;

    /// <summary>True if a call about this frame on this host is open, or an old run of it may live there.</summary>
    public bool Contains(EntityId host, EntityId frame) =>
        (_places.Count > 0 && _byHost.ContainsKey(host) && _places.ContainsKey((host, frame)))
        || (_held.Count > 0 && _held.ContainsKey((host, frame)))
        || (_late.Count > 0 && _late.ContainsKey((host, frame)));

    /// <summary>True if such a call about this run is open.</summary>
    public bool IsOpen(EffectKind kind, EntityId run) => _calls.ContainsKey((kind, run));

    /// <summary>Number of open calls about this frame on this host.</summary>
    public int CallsAbout(EntityId host, EntityId frame) => _places.GetValueOrDefault((host, frame));

    /// <summary>Number of open calls about runs on this host.</summary>
    public int CountOn(EntityId host) => _byHost.GetValueOrDefault(host);

    internal void Open(Effect call)
    {
        _calls.Add((call.Kind, call.Subject), call);
        Add(_places, (call.Host, call.Frame), 1);
        Add(_byHost, call.Host, 1);
    }

    internal void Close(Effect call)
    {
        _calls.Remove((call.Kind, call.Subject));
        Add(_places, (call.Host, call.Frame), -1);
        Add(_byHost, call.Host, -1);
    }

    internal void Hold(EntityId host, EntityId frame) => Add(_held, (host, frame), 1);

    internal void Unhold(EntityId host, EntityId frame) => Add(_held, (host, frame), -1);

    /// <summary>Holds a frame off a host until this engine time, as a kill of it may be carried out late.</summary>
    internal void HoldUntil(EntityId host, EntityId frame, long engineMs) => _late[(host, frame)] = engineMs;

    /// <summary>Ends such holds whose time has come.</summary>
    internal void ReleaseLate(FarmModel farm, long engineMs)
    {
        if (_late.Count == 0)
        {
            return;
        }

        foreach (var ((host, frame), until) in _late.ToArray())
        {
            if (until <= engineMs)
            {
                _late.Remove((host, frame));
                RunCalls.MarkFree(farm, host, frame);
            }
        }
    }

    private static void Add<TKey>(Dictionary<TKey, int> counts, TKey key, int more)
        where TKey : notnull
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _);
        count += more;
        if (count == 0)
        {
            counts.Remove(key);
        }
    }
}
