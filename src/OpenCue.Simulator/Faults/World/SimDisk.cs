namespace OpenCue.Simulator.Faults.World;

/// <summary>What is wrong with the store.</summary>
internal sealed class SimDisk
{
    private int _refusals;
    private int _silences;

    /// <summary>Until when commits wait, virtual ms.</summary>
    public long StallsUntilMs { get; set; }

    /// <summary>The next commits fail.</summary>
    public void Refuse(int commits) => _refusals = commits;

    /// <summary>The next commits are done, but their answer is an error.</summary>
    public void KeepSilent(int commits) => _silences = commits;

    /// <summary>Nothing is wrong any more.</summary>
    public void Heal() => (StallsUntilMs, _refusals, _silences) = (0, 0, 0);

    /// <summary>True if this commit fails.</summary>
    public bool TakeRefusal() => _refusals > 0 && _refusals-- > 0;

    /// <summary>True if this commit is done and its answer is an error.</summary>
    public bool TakeSilence() => _silences > 0 && _silences-- > 0;
}
