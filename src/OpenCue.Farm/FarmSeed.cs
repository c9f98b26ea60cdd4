using OpenCue.Farm.Changes;

namespace OpenCue.Farm;

/// <summary>What a new farm begins with.</summary>
public static class FarmSeed
{
    /// <summary>Puts OpenCue's initial facilities, allocations, show, subscriptions and services into an empty farm.</summary>
    public static void Apply(FarmEdit edit) => throw new InvalidOperationException();
}
