using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>All that holds frames of a layer that wait, put together.</summary>
internal static class WaitReasons
{
    /// <summary>
    /// What holds them, the first being what the scheduler meets first. Never empty: if nothing holds them, that is said.
    /// </summary>
    /// <param name="context">The farm.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="counter">All hosts, looked at for it or one that needs the same.</param>
    /// <param name="place">What stands before them; null if that was not counted.</param>
    /// <param name="waits">False if something else holds them already (a depend): then that nothing holds them is not said.</param>
    public static List<Reason> Of(ExplainContext context, Layer layer, HostCounter counter, Place? place, bool waits = true)
    {
        var reasons = WorkReasons.Of(context, layer);
        if (reasons is [{ Code: ReasonCode.JobFinished }, ..])
        {
            return reasons;
        }

        var shares = WorkReasons.OfShares(layer);
        reasons.AddRange(shares);
        if (shares is not [{ Code: ReasonCode.NoSubscription }, ..])
        {
            var hosts = HostReasons.Of(context, layer, counter);
            reasons.AddRange(hosts.Where(reason => !shares.Exists(share => (share.Code, share.Subject) == (reason.Code, reason.Subject))));
        }

        if (reasons.Count == 0 && waits)
        {
            reasons.Add(Nothing(counter, place));
        }

        return reasons;
    }

    private static Reason Nothing(HostCounter counter, Place? place)
    {
        var hosts = Amounts.Count(counter.Ready, "host");
        if (counter.IsReadyOnKeptAlone)
        {
            return new Reason(
                ReasonCode.Nothing,
                $"{hosts} kept for other layers would take it, as it ends before they are needed; the scheduler looks at those every few seconds.");
        }

        return place is { Before: > 0 and var before }
            ? new Reason(
                ReasonCode.OthersFirst,
                $"{hosts} would take it, and {Amounts.Count(before, "frame")} that may run, too, {(before == 1 ? "stands" : "stand")} before it "
                + $"in the order ({place.Policy}).",
                "Wait for its turn, or raise the priority of its job.")
            {
                Need = before,
            }
            : counter.Sample(HostLack.CallUnderWay) is { } called ? HostReasons.CallUnderWay(called, counter)
            : new Reason(ReasonCode.Nothing, $"Nothing holds it: {hosts} would take it, and the scheduler books it in its next pass.");
    }
}
