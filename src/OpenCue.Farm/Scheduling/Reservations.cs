using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling;

/// <summary>A host that is kept for a layer whose frames found no room for too long.</summary>
/// <param name="Host">The host.</param>
/// <param name="Layer">The layer that it is kept for.</param>
/// <param name="SinceEngineMs">Since when, engine time.</param>
/// <param name="FreeEngineMs">When enough of it is expected to be free, engine time.</param>
public sealed record Reservation(Host Host, Layer Layer, long SinceEngineMs, long FreeEngineMs)
{
    /// <summary>When it was last compared with other hosts, engine time.</summary>
    internal long ComparedEngineMs { get; init; } = SinceEngineMs;
}

/// <summary>
/// Hosts that are kept for layers that would starve otherwise: frames that want a whole host, or much memory, never find it while smaller ones take each
/// bit of room as it comes free.
/// </summary>
public sealed class Reservations
{
    private readonly Dictionary<Host, Reservation> _byHost = [];
    private readonly Dictionary<Layer, Reservation> _byLayer = [];

    /// <summary>All reservations.</summary>
    public IReadOnlyCollection<Reservation> All => _byHost.Values;

    /// <summary>The host's reservation, or null.</summary>
    public Reservation? On(Host host) => _byHost.Count > 0 ? _byHost.GetValueOrDefault(host) : null;

    /// <summary>The layer's reservation, or null.</summary>
    public Reservation? For(Layer layer) => _byLayer.Count > 0 ? _byLayer.GetValueOrDefault(layer) : null;

    /// <summary>
    /// Whether a frame of the layer may go onto the host: it is not reserved, or for this layer, or the frame will have ended before it is needed.
    /// </summary>
    public bool Allows(Layer layer, Host host, FarmTime now) =>
        On(host) is not { } reservation || reservation.Layer == layer || EndsBefore(layer, now.EngineMs, reservation.FreeEngineMs);

    internal void Add(Reservation reservation)
    {
        _byHost.Add(reservation.Host, reservation);
        _byLayer.Add(reservation.Layer, reservation);
    }

    internal void Remove(Reservation reservation)
    {
        _byHost.Remove(reservation.Host);
        _byLayer.Remove(reservation.Layer);
    }

    /// <summary>
    /// Whether a frame of the layer that starts now will have ended by then, judged by the longest that any of its frames has taken so far. Unknown counts
    /// as no.
    /// </summary>
    private static bool EndsBefore(Layer layer, long nowEngineMs, long endEngineMs) =>
        layer.Usage.Row is { Succeeded: > 0, LongestSeconds: var longest } && nowEngineMs + (longest * 1000) <= endEngineMs;
}
