namespace OpenCue.Farm.Runs;

/// <summary>
/// Calls to agents that have been handed out and have not come back, counted by host and frame. Kills name only the frame, so a call that is still
/// on its way could meet the frame's next run on that host: as long as one is open, the frame is not booked there.
/// </summary>
/// <remarks>A call counts from the moment a rule asks for it to the moment its end is told to the model: there is no gap to book in.</remarks>
public sealed class OpenCalls
{
    private readonly Dictionary<(EntityId Host, EntityId Frame), int> _calls = [];

    /// <summary>Number of hosts and frames with an open call.</summary>
    public int Count => _calls.Count;

    /// <summary>True if a call about this frame on this host is open.</summary>
    public bool Contains(EntityId host, EntityId frame) => _calls.ContainsKey((host, frame));

    internal void Open(EntityId host, EntityId frame) => _calls[(host, frame)] = _calls.GetValueOrDefault((host, frame)) + 1;

    internal void Close(EntityId host, EntityId frame)
    {
        // A call that was opened for a farm that has been loaded anew since is not known here.
        if (_calls.TryGetValue((host, frame), out var count))
        {
            if (count > 1)
            {
                _calls[(host, frame)] = count - 1;
            }
            else
            {
                _calls.Remove((host, frame));
            }
        }
    }
}
