using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm;

/// <summary>
/// What became possible since the scheduler last looked: hosts that gained room, layers that gained frames to run, caps that gained room.
/// </summary>
/// <remarks>Only hints: a mark too many costs a look, so marks of an undone command may stay. The scheduler alone takes them away.</remarks>
public sealed class SchedulingMarks
{
    /// <summary>Hosts to look at.</summary>
    public HashSet<Host> Hosts { get; } = [];

    /// <summary>Layers to look at.</summary>
    public HashSet<Layer> Layers { get; } = [];

    /// <summary>Jobs that gave something back: what shares a cap with them may have room now.</summary>
    public HashSet<Job> Jobs { get; } = [];

    /// <summary>Limits that gained room.</summary>
    public HashSet<Limit> Limits { get; } = [];

    /// <summary>Groups whose caps changed.</summary>
    public HashSet<Group> Groups { get; } = [];

    /// <summary>Shows' shares of allocations that gained room, or changed.</summary>
    public HashSet<Subscription> Subscriptions { get; } = [];

    /// <summary>True if so much changed (an allocation, a show) that everything has to be looked at.</summary>
    public bool Everything { get; set; }

    internal void Clear()
    {
        Hosts.Clear();
        Layers.Clear();
        Jobs.Clear();
        Limits.Clear();
        Groups.Clear();
        Subscriptions.Clear();
        Everything = false;
    }
}
