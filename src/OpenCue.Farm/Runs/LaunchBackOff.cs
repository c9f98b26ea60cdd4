using System.Globalization;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>
/// How long nothing is launched where launches failed. A host rests 2, 4, 8 and then each time 10 seconds; after a rest one launch tries whether it works
/// again, so that a broken host does not draw frame after frame. A launch that is refused because of what it asks rests its layer instead: no host would
/// take it, and the hosts are not at fault.
/// </summary>
public static class LaunchBackOff
{
    private const long LongestHostRestMs = 10_000;
    private const long LongestLayerRestMs = 600_000;

    /// <summary>A launch failed because of the host, or nobody knows what became of it.</summary>
    internal static void HostFailed(FarmEdit edit, Host host)
    {
        host.LaunchFailures++;
        host.IsTryingLaunch = false;
        host.LaunchBackOffUntilEngineMs = edit.Now.EngineMs + Math.Min(LongestHostRestMs, 1000L << Math.Min(host.LaunchFailures, 10));
        edit.Marks.Hosts.Add(host);
    }

    /// <summary>A launch was taken.</summary>
    internal static void HostWorks(FarmEdit edit, Host host)
    {
        if (host.LaunchFailures > 0 || host.IsTryingLaunch)
        {
            host.LaunchFailures = 0;
            host.IsTryingLaunch = false;
            host.LaunchBackOffUntilEngineMs = 0;
            edit.Marks.Hosts.Add(host);
        }
    }

    /// <summary>A launch came back that says nothing about the host.</summary>
    internal static void TryIsOver(FarmEdit edit, Host host)
    {
        if (host.IsTryingLaunch)
        {
            host.IsTryingLaunch = false;
            edit.Marks.Hosts.Add(host);
        }
    }

    /// <summary>A run was booked on the host.</summary>
    internal static void NoteBooked(FarmEdit edit, Host host)
    {
        if (host is { LaunchFailures: > 0, IsTryingLaunch: false })
        {
            Try(edit, host);
        }
    }

    /// <summary>The launch that was booked tries whether launches work there again.</summary>
    private static void Try(FarmEdit edit, Host host)
    {
        host.IsTryingLaunch = true;
        edit.Marks.Hosts.Add(host);
        edit.OnUndo(() => host.IsTryingLaunch = false, () => host.IsTryingLaunch = true);
    }

    /// <summary>A launch was refused because of what it asks: the layer rests, each time twice as long.</summary>
    internal static void OrderRefused(FarmEdit edit, Layer layer, string detail)
    {
        var rest = Math.Min(LongestLayerRestMs, 10_000L << Math.Min(layer.LaunchRefusals, 10));
        layer.LaunchRefusals++;
        var until = edit.Now.WallMs + rest;
        if (until > layer.Row.StartAfterMs)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"Launch refused: {detail}");
            edit.Set(layer, layer.Row with { StartAfterMs = until, StartAfterReason = text.Length > 255 ? text[..255] : text });
        }
    }
}
