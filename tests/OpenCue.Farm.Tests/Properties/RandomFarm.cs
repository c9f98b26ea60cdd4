using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Jobs.Submitting;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Operations;
using OpenCue.Farm.Runs;
using OpenCue.Farm.Shows;
using OpenCue.Specs.Launch;
using OpenCue.Specs.Ranges;
using OpenCue.TestKit;

namespace OpenCue.Farm.Tests.Properties;

/// <summary>A small farm to which random commands are given.</summary>
internal sealed partial class RandomFarm
{
    private const long Gib = 1048576;
    private static readonly int[] ExitStatuses = [0, 0, 0, 0, 1, 1, 33, 137, 256, 286, 330];
    private Submission? _staged;

    public RandomFarm(int seed)
    {
        Farm = new TestFarm(new FarmSettings { BulkChunk = 3, OperationChunk = 3, SubmissionChunk = 5, LayerDelayMinutes = [new(330, 1)] });
        Farm.AddHost("one", cores: 3, memoryGib: 64);
        Farm.AddHost("two", cores: 4, memoryGib: 64, gpus: 1);
        Farm.Do(edit =>
        {
            LimitRules.Create(edit, "nuke", 2);
            LimitRules.Create(edit, "katana", 1, LimitKind.Host);
            LimitRules.Create(edit, "mari", 2, LimitKind.User, headroom: 1);
            var show = Model.FindShow("testing")!;
            edit.Add(new Group(
                new GroupRow
                {
                    Id = edit.NewId(),
                    ShowId = show.Id,
                    ParentId = show.RootGroup.Id,
                    Name = "second",
                    DefaultJobPriority = 50,
                },
                show));
        });

        // Something to begin with: other commands find nothing to do on an empty farm.
        Farm.Do(edit => Submit(edit, new Step(StepKind.Submit, seed, seed % 4, seed / 7)));
    }

    public TestFarm Farm { get; }

    private FarmModel Model => Farm.Model;

    /// <summary>True while a submission is half stored: then a load finds less than the farm has.</summary>
    public bool IsStaging => _staged is not null;

    /// <summary>Lets time pass, for the steps that need it.</summary>
    public void Before(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.PassTime:
                Farm.Clock.PassSeconds(step.A * 2);
                break;
            case StepKind.ArchiveJobs when step.A % 2 == 0:
                Farm.Clock.Pass(TimeSpan.FromHours(73));
                break;
            default:
                Farm.Clock.PassSeconds(1);
                break;
        }
    }

    /// <summary>Gives the command. What it returns is to be called if the command stands and was not undone.</summary>
    public Action? Apply(FarmEdit edit, Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Submit:
                Submit(edit, step);
                break;
            case StepKind.SubmitStaged:
                return GoOnStaging(edit, step);
            case StepKind.CreateDepend:
                DependRules.Create(
                    edit, (DependType)(step.A % 12), End(step.B, Level(step.A).Er), End(step.C, Level(step.A).On),
                    anyFrame: step.B % 3 == 0);
                break;
            case StepKind.SatisfyDepend when AnyDepend(step) is { } depend:
                DependRules.Satisfy(edit, depend.Id);
                break;
            case StepKind.UnsatisfyDepend when AnyDepend(step) is { } depend:
                DependRules.Unsatisfy(edit, depend.Id);
                break;
            case StepKind.DropDepends:
                DropDepends(edit, step);
                break;
            case StepKind.KillJob when step.B % 3 == 0 && Any(VisibleJobs(), step.A) is { } job:
                JobRules.Kill(edit, job, "tester", "because");
                break;
            case StepKind.PutToRest when step.B % 2 == 0 && Any(Model.Jobs.Finished, step.A) is { } job:
                JobRest.Put(edit, job);
                break;
            case StepKind.PutToRest:
                JobRest.PutDue(edit, 1 + (step.A % 3));
                break;
            case StepKind.ArchiveJobs:
                JobRules.ArchiveDue(edit, 3);
                break;
            case StepKind.RequestBulk when step.C % 2 == 0 && Any(VisibleJobs(), step.A) is { } job:
                BulkOperations.Request(edit, (BulkKind)(step.B % 4), job, job.Layers.Select(FrameSpans.All), "tester", "because");
                break;
            case StepKind.StepBulk when Any(Model.Operations.Values.OrderBy(o => o.Id), step.A) is { } operation:
                BulkOperations.Step(edit, operation);
                break;
            case StepKind.FreeStaleCheckpoints:
                Checkpoints.FreeStale(edit, 10);
                break;
            case StepKind.SetJob when Any(VisibleJobs(), step.A) is { } job:
                SetJob(edit, job, step);
                break;
            case StepKind.SetLayer when Any(VisibleLayers(), step.A) is { } layer:
                SetLayer(edit, layer, step);
                break;
            case StepKind.SetLimit:
                SetLimit(edit, step);
                break;
            default:
                ApplyToRuns(edit, step);
                break;
        }

        return null;
    }

    private void ApplyToRuns(FarmEdit edit, Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Book when Any(WaitingFrames(), step.A) is { Layer: { } layer, Ordinal: var i }
                && Any(Model.Hosts.All, step.B) is { } host:
                Booking.Start(edit, host, layer, i, new Resources(100 * (1 + (step.C % 2)), Gib, step.C % 5 == 0 ? 1 : 0));
                break;
            case StepKind.BookNext when Any(IdlePlaces(), step.A) is { } proc
                && Any(WaitingFrames().Where(f => f.Layer.Job == proc.Job), step.B) is { Layer: { } layer, Ordinal: var i }:
                Booking.Next(edit, proc, layer, i);
                break;
            case StepKind.GiveBackIdlePlace when Any(IdlePlaces(), step.A) is { } proc:
                edit.Remove(proc);
                break;
            case StepKind.Complete when Any(Runs(), step.A) is { } run:
                Complete(edit, run, step);
                break;
            case StepKind.EndOtherwise when Any(Runs(), step.A) is { } run:
                FrameCompletion.Apply(edit, run, new RunOutcome { End = (RunEnd)(2 + (step.B % 6)) });
                break;
            case StepKind.RetryFrame or StepKind.EatFrame or StepKind.KillFrame or StepKind.MarkFrameDone or StepKind.MarkAsWaiting
                or StepKind.MarkAsDepend or StepKind.OrderFrames or StepKind.SetCheckpoint when Any(VisibleLayers(), step.A) is { } layer:
                ApplyToFrame(edit, layer, step.B % layer.Frames.Length, step);
                break;
            default:
                break; // Time passes, or there is nothing to do it to.
        }
    }

    private static void ApplyToFrame(FarmEdit edit, Layer layer, int ordinal, Step step)
    {
        switch (step.Kind)
        {
            case StepKind.RetryFrame:
                FrameOperations.Retry(edit, layer, ordinal, "tester", "because");
                break;
            case StepKind.EatFrame:
                FrameOperations.Eat(edit, layer, ordinal, "tester", "because");
                break;
            case StepKind.KillFrame:
                FrameOperations.Kill(edit, layer, ordinal, "tester", "because");
                break;
            case StepKind.MarkFrameDone:
                DependRules.SatisfyFrame(edit, layer, ordinal);
                break;
            case StepKind.MarkAsWaiting:
                FrameOperations.MarkAsWaiting(edit, layer, ordinal);
                break;
            case StepKind.MarkAsDepend:
                FrameOperations.MarkAsDepend(edit, layer, ordinal);
                break;
            case StepKind.SetCheckpoint:
                Checkpoints.Set(edit, layer, ordinal, (CheckpointState)(step.C % 4));
                break;
            case StepKind.OrderFrames when step.C % 4 == 3:
                FrameOrder.Stagger(edit, layer, FrameSet.Parse("1-6"), 2);
                break;
            default:
                FrameOrder.Reorder(edit, layer, FrameSet.Parse("2,5,1"), (FrameOrderKind)(step.C % 3));
                break;
        }
    }

    private static void Complete(FarmEdit edit, Run run, Step step)
    {
        var result = FrameCompletion.Apply(edit, run, new RunOutcome
        {
            End = RunEnd.Completed,
            ExitStatus = ExitStatuses[step.B % ExitStatuses.Length],
            ExitSignal = step.B % 13 == 0 ? 119 : 0,
            RunSeconds = step.C,
            MaxRssKib = step.C * 5000L,
        });
        if (step.C % 3 != 0)
        {
            edit.Remove(result.Proc);
        }
    }
}
