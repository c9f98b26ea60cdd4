using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Jobs;

/// <summary>How frames change their state.</summary>
public static class FrameRules
{
    /// <summary>
    /// The frame of a run that was just added becomes RUNNING. Call it after adding the run. The start counts as a retry if the frame's last run
    /// ended with a status that counts.
    /// </summary>
    public static void Start(FarmEdit edit, Run run) => throw new InvalidOperationException();
}
