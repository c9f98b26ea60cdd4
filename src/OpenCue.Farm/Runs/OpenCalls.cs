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
    private readonly Dictionary<EntityId, OpenCall> _byHost = [];
    private readonly Dictionary<(EntityId Host, EntityId Frame), int> _held = [];
    private readonly Dictionary<(EntityId Host, EntityId Frame), long> _late = [];
    private int _calls;

    /// <summary>Number of open calls, and of frames that are held off hosts by an old run or a late kill.</summary>
    public int Count => _calls + _held.Count + _late.Count;

    /// <summary>All open calls.</summary>
    public IEnumerable<Effect> All
    {
        get
        {
            foreach (var first in _byHost.Values)
            {
                for (var call = first; call is not null; call = call.Next)
                {
                    yield return call.Effect;
                }
            }
        }
    }

    /// <summary>True if a call about this frame on this host is open, or an old run of it may live there.</summary>
    public bool Contains(EntityId host, EntityId frame) =>
        IsAnyAbout(host, frame)
        || (_held.Count > 0 && _held.ContainsKey((host, frame)))
        || (_late.Count > 0 && _late.ContainsKey((host, frame)));

    /// <summary>True if such a call about this run on this host is open.</summary>
    public bool IsOpen(EffectKind kind, EntityId host, EntityId run) => Find(kind, host, run) is not null;

    /// <summary>True if a call about this frame on this host is open.</summary>
    public bool IsAnyAbout(EntityId host, EntityId frame)
    {
        var call = _byHost.GetValueOrDefault(host);
        while (call is not null && call.Effect.Frame != frame)
        {
            call = call.Next;
        }

        return call is not null;
    }

    /// <summary>True if any call about runs on this host is open.</summary>
    public bool IsAnyOn(EntityId host) => _byHost.ContainsKey(host);

    internal OpenCall Open(Effect effect)
    {
        var call = new OpenCall(effect);
        Put(call);
        return call;
    }

    /// <summary>Ends a call. Null if it is not open.</summary>
    internal OpenCall? Close(Effect effect)
    {
        var call = Find(effect.Kind, effect.Host, effect.Subject);
        if (call is not null)
        {
            Take(call);
        }

        return call;
    }

    internal void Put(OpenCall call)
    {
        ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_byHost, call.Effect.Host, out _);
        (call.Next, first, call.IsOpen) = (first, call, true);
        _calls++;
    }

    internal void Take(OpenCall call)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrNullRef(_byHost, call.Effect.Host);
        if (place == call && call.Next is null)
        {
            _byHost.Remove(call.Effect.Host);
        }
        else
        {
            while (place != call)
            {
                place = ref place.Next!;
            }

            place = call.Next!; // Null only where it ends the chain of another call.
        }

        call.IsOpen = false;
        _calls--;
    }

    internal void Hold(EntityId host, EntityId frame) => Add(_held, (host, frame), 1);

    internal void Unhold(EntityId host, EntityId frame) => Add(_held, (host, frame), -1);

    /// <summary>
    /// Holds a frame off a host until this engine time at least, as a kill of it may be carried out late. One of before it may be on its way still longer.
    /// </summary>
    internal void HoldUntil(EntityId host, EntityId frame, long engineMs) =>
        _late[(host, frame)] = Math.Max(engineMs, _late.GetValueOrDefault((host, frame)));

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

    private OpenCall? Find(EffectKind kind, EntityId host, EntityId run)
    {
        var call = _byHost.GetValueOrDefault(host);
        while (call is not null && !(call.Effect.Kind == kind && call.Effect.Subject == run))
        {
            call = call.Next;
        }

        return call;
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

/// <summary>A call that was handed out, in a chain with the other open ones of its host.</summary>
internal sealed class OpenCall(Effect effect) : IReversible
{
    public Effect Effect { get; } = effect;

    public bool IsOpen { get; set; }

    /// <summary>The next call in the chain.</summary>
    public OpenCall? Next;

    public void Turn(FarmModel farm)
    {
        if (IsOpen)
        {
            farm.OpenCalls.Take(this);
        }
        else
        {
            farm.OpenCalls.Put(this);
        }
    }
}
