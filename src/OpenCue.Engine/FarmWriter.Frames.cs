using OpenCue.Engine.Paging;

namespace OpenCue.Engine;

/// <summary>How frames of finished jobs come into memory when they are needed, and leave it when they are not.</summary>
internal sealed partial class FarmWriter
{
    /// <summary>Layers that let go of their frames in one turn.</summary>
    private const int LayersLetGo = 1000;

    /// <summary>Puts frames that were fetched into the model; what waited for them has its turn again.</summary>
    private void LookAtFrames()
    {
        if (_live is null || !_core.Pager.HasNews)
        {
            return;
        }

        FramesTaken taken;
        EnterGate();
        try
        {
            taken = _core.Pager.TakeIn(_live.Model, _commit is { IsTakenOut: true, Batch.Changes: { } inDoubt } ? inDoubt.ArchivedJobs : []);
            _core.Feed.PutBack([.. taken.Commands.Where(c => c.IsWaiting)]);
            taken.Steps.ForEach(step => step.IsDue = true);
            taken.FailedSteps.ForEach(Rest);

            _parts.Check?.Invoke(_live.Model);
        }
        finally
        {
            ExitGate();
        }

        taken.Pages.ForEach(page => page.Complete());
    }

    /// <summary>
    /// Lets go of frames that are at rest, once that is durable. Only while the model is what was committed and what came on top of it: what was taken out
    /// of it is put in again as it was, and needs its frames.
    /// </summary>
    private void LetFramesGo()
    {
        var resting = _live!.Model.Resting; // Only called in a turn, which there is only with a farm.
        if (resting.Count > 0)
        {
            resting.LetGo(_core.Status.DurableSequence, _core.Clock.Now.EngineMs, _core.Options.FetchedFramesMost, LayersLetGo);
        }
    }
}
