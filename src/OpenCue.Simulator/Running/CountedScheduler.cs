using OpenCue.Cuebot.Hosting.Steps;
using OpenCue.Engine;
using OpenCue.Farm.Changes;

namespace OpenCue.Simulator.Running;

/// <summary>The server's scheduler step, with its passes counted and their real time measured.</summary>
internal sealed class CountedScheduler(SchedulerStep step, TimeProvider realTime) : IBatchStep
{
    /// <summary>How often it was asked to look what can be booked.</summary>
    public long Passes { get; private set; }

    /// <summary>Real time that it took.</summary>
    public TimeSpan Took { get; private set; }

    /// <inheritdoc/>
    public string Name => step.Name;

    /// <inheritdoc/>
    public Actor Actor => step.Actor;

    /// <inheritdoc/>
    public void OnFarmReplaced(FarmModel farm) => step.OnFarmReplaced(farm);

    /// <inheritdoc/>
    public StepResult Run(FarmEdit edit, StepSlice slice)
    {
        var start = realTime.GetTimestamp();
        var result = step.Run(edit, slice);
        Took += realTime.GetElapsedTime(start);
        Passes++;
        return result;
    }
}
