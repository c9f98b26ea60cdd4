using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Checking;

/// <summary>What people were told is done. Each stands until the next action on the same thing.</summary>
internal sealed class Acknowledged(SimWorld world)
{
    private readonly SortedDictionary<string, (string What, Func<StoreMirror, bool> Holds)> _standing = new(StringComparer.Ordinal);

    /// <summary>Somebody is about to act on a thing: what was said of it before does not stand any more.</summary>
    public void Forget(string thing) => _standing.Remove(thing);

    /// <summary>Nothing stands any more.</summary>
    public void ForgetAll() => _standing.Clear();

    /// <summary>Somebody was told that his action is done.</summary>
    /// <param name="thing">What it is about.</param>
    /// <param name="what">What was done, for messages.</param>
    /// <param name="holds">True while it stands.</param>
    public void Add(string thing, string what, Func<StoreMirror, bool> holds)
    {
        world.Tally.Add("actions acknowledged");
        world.Trace.Add($"acknowledged: {what}");
        if (world.IsHealed)
        {
            return; // Everything is being opened, so what was asked for before need not stand.
        }

        _standing[thing] = (what, holds);
        Check(thing);
    }

    /// <summary>Checks all that stands.</summary>
    public void Check()
    {
        foreach (var thing in _standing.Keys)
        {
            Check(thing);
        }
    }

    private void Check(string thing)
    {
        var (what, holds) = _standing[thing];
        if (!holds(world.Truth.Stored))
        {
            world.Break("P1", $"it was acknowledged that {what}, and it does not hold in the store");
        }
    }
}
