using OpenCue.Farm;
using OpenCue.Farm.Changes;

namespace OpenCue.Engine.Tests;

/// <summary>A step made of a function.</summary>
internal sealed class TestStep(Func<FarmEdit, StepSlice, StepResult> run) : IBatchStep
{
    public TestStep(Func<FarmEdit, StepResult> run)
        : this((edit, _) => run(edit))
    {
    }

    public string Name => "test step";

    public Actor Actor => Actor.Scheduler;

    public bool IsPatient { get; init; }

    public int Runs { get; private set; }

    public int Replacements { get; private set; }

    public StepResult Run(FarmEdit edit, StepSlice slice)
    {
        Runs++;
        return run(edit, slice);
    }

    public void OnFarmReplaced(FarmModel farm) => Replacements++;
}
