namespace OpenCue.Farm;

/// <summary>What a part of a farm is about.</summary>
public enum FarmPartKind
{
    /// <summary>What has to be counted over the whole farm; quickly done nevertheless.</summary>
    Totals,

    /// <summary>A host with its procs.</summary>
    Host,

    /// <summary>A subscription.</summary>
    Subscription,

    /// <summary>A group.</summary>
    Group,

    /// <summary>A job.</summary>
    Job,

    /// <summary>A layer with its frames and runs.</summary>
    Layer,

    /// <summary>A depend.</summary>
    Depend,
}

/// <summary>A part of a farm that <see cref="FarmInvariants"/> can check by itself, while the rest goes on.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Id">The host, job ... it is about; none for <see cref="FarmPartKind.Totals"/>.</param>
public readonly record struct FarmPart(FarmPartKind Kind, EntityId Id = default);
