using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Runs;

/// <summary>
/// Layers that could not be started on a host rest there: 2 s, 4 s ... 10 min. An agent that accepts a frame and then can't start it (exit status 256)
/// uses none of the frame's retries, so without a rest the frame would come back at once, for ever, as it does in OpenCue. Only this layer rests, and only
/// there: a job whose log folder can't be written disturbs no other job, and a host without its mounts no other host.
/// </summary>
/// <remarks>Not stored: after a restart of the server each pair is tried once more.</remarks>
public sealed class StartRests
{
    private const long LongestMs = 600_000;
    private const int FewestToForget = 1000;

    private readonly Dictionary<(EntityId Host, EntityId Layer), (int Failures, long UntilEngineMs)> _rests = [];
    private int _forgetAt = FewestToForget;

    /// <summary>How many are remembered, those that are over among them.</summary>
    public int Count => _rests.Count;

    /// <summary>The engine time until which the layer rests on the host; null if it does not.</summary>
    public long? Until(Host host, Layer layer, long engineMs) =>
        _rests.Count > 0 && _rests.TryGetValue((host.Id, layer.Id), out var rest) && rest.UntilEngineMs > engineMs ? rest.UntilEngineMs : null;

    /// <summary>The agent could not start a frame of the layer.</summary>
    internal void Failed(Host host, Layer layer, long engineMs)
    {
        if (_rests.Count >= _forgetAt)
        {
            Forget(engineMs);
        }

        var failures = _rests.GetValueOrDefault((host.Id, layer.Id)).Failures + 1;
        _rests[(host.Id, layer.Id)] = (failures, engineMs + Math.Min(LongestMs, 1000L << Math.Min(failures, 10)));
    }

    /// <summary>A frame of the layer did start there.</summary>
    internal void Started(Host host, Layer layer) => _rests.Remove((host.Id, layer.Id));

    /// <summary>Forgets what has been over for long: most of it is of layers that are gone. The more there is, the less often it is looked through.</summary>
    private void Forget(long engineMs)
    {
        foreach (var (pair, rest) in _rests.ToArray())
        {
            if (rest.UntilEngineMs + LongestMs <= engineMs)
            {
                _rests.Remove(pair);
            }
        }

        _forgetAt = Math.Max(FewestToForget, 2 * _rests.Count);
    }
}
