namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Cores and GPUs summed over so many hosts or procs that core points need 64 bits.</summary>
internal readonly record struct LongSum(long CorePoints, long Gpus)
{
    /// <summary>Cores as the wire has them.</summary>
    public float Cores => CorePoints / 100f;

    public static LongSum operator +(LongSum a, LongSum b) => new(a.CorePoints + b.CorePoints, a.Gpus + b.Gpus);

    public static LongSum operator +(LongSum a, Resources b) => new(a.CorePoints + b.CorePoints, a.Gpus + b.Gpus);

    public static LongSum operator -(LongSum a, LongSum b) => new(a.CorePoints - b.CorePoints, a.Gpus - b.Gpus);
}
