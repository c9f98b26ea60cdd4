using OpenCue.Engine;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Scheduling;
using OpenCue.Farm.Scheduling.Policies;

namespace OpenCue.Cuebot.Hosting.Steps;

/// <summary>
/// The scheduler on the writer: it books what became possible, in slices, and no more than can be launched. Completions ask the same scheduler
/// for the next frame of a place that came free.
/// </summary>
/// <param name="policies">The orders of service that there are; those of this program alone if none are given.</param>
/// <param name="alarms">Makes known what fails among them.</param>
/// <param name="mostUnsent">So many launches may wait to be sent; then booking waits too.</param>
internal sealed class SchedulerStep(
    SchedulingPolicies? policies = null, PolicyAlarms? alarms = null, int mostUnsent = SchedulerStep.UsualMostUnsent) : IBatchStep
{
    private const int UsualMostUnsent = 2000;

    private Scheduler? _scheduler;

    /// <inheritdoc/>
    public string Name => "scheduler";

    /// <inheritdoc/>
    public Actor Actor => Actor.Scheduler;

    /// <summary>The scheduler of the farm as it is. Only for the writer.</summary>
    public Scheduler Scheduler => _scheduler ?? throw new InvalidOperationException("There is no farm yet, so nothing can be scheduled.");

    /// <inheritdoc/>
    public void OnFarmReplaced(FarmModel farm) => _scheduler = new Scheduler(farm, policies ?? new SchedulingPolicies());

    /// <inheritdoc/>
    public StepResult Run(FarmEdit edit, StepSlice slice)
    {
        var room = Math.Max(0, mostUnsent - slice.UnsentEffects);
        PassResult pass;
        try
        {
            pass = Scheduler.Pass(edit, () => !slice.IsOver, room);
        }
        catch
        {
            // The bookings are undone, but not that the scheduler has seen what became possible.
            edit.Farm.Marks.Everything = true;
            throw;
        }

        alarms?.Raise(edit);
        return !pass.HasMore ? StepResult.Done : pass.Booked == room ? StepResult.WaitForSinks : StepResult.More;
    }
}
