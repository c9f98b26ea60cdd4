namespace OpenCue.Simulator.Faults.Plans;

/// <summary>Something that is made to happen.</summary>
/// <param name="AtMs">When, virtual ms.</param>
/// <param name="Kind">What.</param>
/// <param name="Target">To whom: a number that is taken modulo what there is.</param>
/// <param name="Amount">How much or how long; what it means depends on the kind.</param>
internal sealed record FaultAction(long AtMs, FaultKind Kind, int Target, long Amount)
{
    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromMilliseconds(AtMs):d\\.hh\\:mm\\:ss\\.fff}  {Kind} target {Target} amount {Amount}");
}
