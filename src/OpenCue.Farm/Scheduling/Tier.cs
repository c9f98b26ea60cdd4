namespace OpenCue.Farm.Scheduling;

/// <summary>How well served something is: its use against what it ought to have. Lower is needier.</summary>
public static class Tier
{
    /// <summary>
    /// OpenCue's tier of a subscription or job. Nothing used: minus what it ought to have, so the greatest claim comes first. No claim: behind all
    /// that have one.
    /// </summary>
    /// <param name="use">Core points used.</param>
    /// <param name="claim">Core points it ought to have: subscription size or job minimum.</param>
    public static double Of(int use, int claim)
    {
        if (claim == 0)
        {
            return (use / 100.0) + 1;
        }

        return use == 0 ? -claim : use / (double)claim;
    }
}
