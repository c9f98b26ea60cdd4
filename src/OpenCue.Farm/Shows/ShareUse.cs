using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Shows;

/// <summary>
/// What is stored of a subscription's or group's <see cref="UseMeter"/>, so that a restart does not forgive what was used. Stored only when the store
/// could not work it out by itself any more.
/// </summary>
public sealed class ShareUse(ShareUseRow row) : Entity<ShareUseRow>(row)
{
    /// <summary>Core points by which what the store would work out may be wrong.</summary>
    private const double MostDifference = 10;

    /// <summary>Part of the value by which it may be wrong.</summary>
    private const double MostPart = 0.02;

    internal override void Attach(FarmModel farm) => farm.ShareUses.Add(Id, this);

    internal override void Detach(FarmModel farm) => farm.ShareUses.Remove(Id);

    /// <summary>
    /// Stores the meters that differ from what follows from their rows, and forgets those of subscriptions and groups that are gone. To be called now and
    /// then; what was used since the last time is lost in a crash, and counts then as if the use at the restart had lasted.
    /// </summary>
    public static void Store(FarmEdit edit)
    {
        var farm = edit.Farm;
        foreach (var subscription in farm.Subscriptions.Values)
        {
            Store(edit, subscription.Id, subscription.Meter, subscription.Use.CorePoints);
        }

        foreach (var group in farm.Groups.Values)
        {
            Store(edit, group.Id, group.Meter, group.Use.CorePoints);
        }

        foreach (var gone in farm.ShareUses.Values.Where(use => !farm.Subscriptions.ContainsKey(use.Id) && !farm.Groups.ContainsKey(use.Id)).ToList())
        {
            edit.Remove(gone);
        }
    }

    private static void Store(FarmEdit edit, EntityId owner, UseMeter meter, int corePoints)
    {
        var farm = edit.Farm;
        var (now, halfLife) = (edit.Now.EngineMs, farm.Settings.FairShareHalfLifeMs);
        var average = meter.At(now, corePoints, halfLife);
        var stored = farm.ShareUses.GetValueOrDefault(owner);
        var (since, was) = stored is null ? (0, 0) : (stored.Row.AtEngineMs, stored.Row.MilliCorePoints / 1000.0);
        var known = UseMeter.Forward(was, now - since, corePoints, halfLife);
        if (Math.Abs(average - known) <= Math.Max(MostDifference, average * MostPart))
        {
            return;
        }

        var row = new ShareUseRow(owner, (long)(average * 1000), now);
        if (stored is null)
        {
            edit.Add(new ShareUse(row));
        }
        else
        {
            edit.Set(stored, row);
        }
    }
}

/// <summary>What a subscription or group has used of late.</summary>
/// <param name="Id">The subscription or group.</param>
/// <param name="MilliCorePoints">The average, in thousandths of core points.</param>
/// <param name="AtEngineMs">When it was that.</param>
public sealed record ShareUseRow(EntityId Id, long MilliCorePoints, long AtEngineMs) : IRow;
