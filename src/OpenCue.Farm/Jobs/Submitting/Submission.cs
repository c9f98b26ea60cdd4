using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Jobs.Submitting;

/// <summary>
/// A launch specification on its way into the farm, in steps small enough for one batch each. What it has stored so far is invisible; the last
/// step makes all its jobs active together.
/// </summary>
public sealed class Submission
{
    private readonly List<string> _warnings;
    private readonly List<Job> _jobs = [];

    private Submission(List<string> warnings) => _warnings = warnings;

    /// <summary>What the submitter should know although the jobs were accepted.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Checks a specification against the farm and takes its jobs' names. Throws <see cref="FarmException"/> if it is refused.</summary>
    public static Submission Begin(FarmEdit edit, JobSpecDocument document) => new([.. document.Warnings]);

    /// <summary>Stores the next part. True while there is more.</summary>
    public bool Step(FarmEdit edit) => _jobs.Count > 0;

    /// <summary>Makes all jobs active, with their depends. Returns them in the order of the specification, post jobs left out.</summary>
    public IReadOnlyList<Job> Activate(FarmEdit edit) => _jobs;

    /// <summary>Takes away all that was stored so far.</summary>
    public void Drop(FarmEdit edit) => _jobs.ForEach(edit.DropJob);
}
