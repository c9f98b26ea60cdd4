using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Jobs.Submitting;
using OpenCue.Farm.Limits;
using OpenCue.Specs.Launch;
using OpenCue.TestKit;

namespace OpenCue.Farm.Tests.Properties;

internal sealed partial class RandomFarm
{
    private static readonly string[] LimitNames = ["nuke", "katana", "mari"];
    private static readonly string[] Ranges = ["1-4", "1-6", "1-9x2", "2-5", "4-1", "1", "1-3,7,5"];

    private static T? Any<T>(IEnumerable<T> all, int number)
    {
        var list = all.ToList();
        return list.Count == 0 ? default : list[number % list.Count];
    }

    private static JobSpecDocument Document(Step step)
    {
        var first = Layer("aaa", step.B);
        var second = Layer("bbb", step.C);
        var job = SpecText.Job($"job{step.A % 5}", first, second) with
        {
            AutoEat = step.A % 7 == 0,
            MaxRetries = step.B % 3,
            Layers = step.C % 3 == 0 ? [first, second, Layer("post", step.A) with { Type = LayerType.Post }] : [first, second],
        };
        var document = SpecText.Of(job) with { User = step.A % 4 == 3 ? "painter" : "artist" };
        return (step.B % 5) switch
        {
            0 => document.With(SpecText.Depend("LAYER_ON_LAYER", $"{job.Name}/bbb", $"{job.Name}/aaa", anyFrame: step.C % 2 == 0)),
            1 or 2 => document.With(SpecText.Depend("FRAME_BY_FRAME", $"{job.Name}/bbb", $"{job.Name}/aaa")),
            3 => document.With(SpecText.Depend("PREVIOUS_FRAME", $"{job.Name}/aaa", $"{job.Name}/aaa")),
            _ when step.A % 5 == step.C % 5 => document,
            _ => document.With(SpecText.Depend("JOB_ON_JOB", job.Name, $"job{step.C % 5}")),
        };
    }

    private static LayerSpec Layer(string name, int number) =>
        SpecText.Layer(name, Ranges[number % Ranges.Length], chunk: 1 + (number % 3)) with
        {
            Limits = (number % 4) switch { 0 => [LimitNames[number % 3]], 1 => ["nuke", "katana"], _ => [] },
            MinMemoryKib = Gib / 2,
        };

    private static void Submit(FarmEdit edit, Step step)
    {
        var submission = Submission.Begin(edit, Document(step));
        while (submission.Step(edit))
        {
        }

        submission.Activate(edit);
    }

    /// <summary>Begins a submission, or does the next step of the one that was begun; now and then drops it.</summary>
    private Action? GoOnStaging(FarmEdit edit, Step step)
    {
        if (_staged is null)
        {
            var begun = Submission.Begin(edit, Document(step) with { Shot = "staged" });
            return () => _staged = begun;
        }

        if (step.A % 5 == 0)
        {
            _staged.Drop(edit);
            return () => _staged = null;
        }

        if (step.A % 2 == 0)
        {
            _staged.Step(edit);
            return null;
        }

        while (_staged.Step(edit))
        {
        }

        _staged.Activate(edit);
        return () => _staged = null;
    }

    private void DropDepends(FarmEdit edit, Step step)
    {
        if (Any(VisibleLayers(), step.A) is not { } layer)
        {
            return;
        }

        var target = (DependTarget)(step.C % 3);
        switch (step.B % 3)
        {
            case 0:
                DependRules.DropOf(edit, layer.Job, target);
                break;
            case 1:
                DependRules.DropOf(edit, layer, target);
                break;
            default:
                DependRules.DropOf(edit, layer, step.C % layer.Frames.Length, target);
                break;
        }
    }

    private static void SetJob(FarmEdit edit, Job job, Step step)
    {
        switch (step.B % 6)
        {
            case 0:
                JobRules.SetPaused(edit, job, step.C % 2 == 0);
                break;
            case 1:
                JobRules.SetGroup(edit, job, job.Show.Groups[step.C % job.Show.Groups.Count]);
                break;
            case 2:
                JobRules.SetAutoEat(edit, job, step.C % 2 == 0);
                break;
            case 3:
                JobRules.SetMaxRetries(edit, job, step.C % 20);
                break;
            case 4:
                JobRules.SetMaxCores(edit, job, step.C * 10);
                break;
            default:
                JobRules.ShutdownIfComplete(edit, job);
                break;
        }
    }

    private void SetLayer(FarmEdit edit, Layer layer, Step step)
    {
        switch (step.B % 4)
        {
            case 0 when Model.Limits.Find(LimitNames[step.C % 3]) is { } limit:
                LayerRules.AddLimit(edit, layer, limit);
                break;
            case 1 when layer.Limits.Count > 0:
                LayerRules.DropLimit(edit, layer, layer.Limits[0].Id);
                break;
            case 2:
                LayerRules.SetMinMemory(edit, layer, step.C * 1000);
                break;
            default:
                LayerRules.SetStartAfter(edit, layer, step.C % 2 == 0 ? 0 : edit.Now.WallSeconds + 60, "tester");
                break;
        }
    }

    private void SetLimit(FarmEdit edit, Step step)
    {
        var name = LimitNames[step.A % 3];
        if (Model.Limits.Find(name) is not { } limit)
        {
            LimitRules.Create(edit, name, step.B % 3, (LimitKind)(step.C % 3));
            return;
        }

        switch (step.B % 7)
        {
            case 0:
                LimitRules.Change(edit, limit, kind: (LimitKind)(step.C % 3));
                break;
            case 1:
                LimitRules.Delete(edit, limit);
                break;
            case 2:
                LimitRules.Change(edit, limit, headroom: step.C % 2);
                break;
            case 3:
                LimitRules.Rename(edit, limit, LimitNames[step.C % 3]);
                break;
            default:
                LimitRules.Change(edit, limit, maxValue: step.C % 4);
                break;
        }
    }

    private DependView? AnyDepend(Step step)
    {
        if (Any(Model.Depends.Values.OrderBy(d => d.Id), step.A) is not { } depend)
        {
            return null;
        }

        return depend.HasEdges && step.B % 3 > 0
            && Any(DependQueries.EdgesOf(depend, step.C % depend.ErLayer!.Frames.Length), step.B) is { Depend: not null } edge
            ? edge
            : DependQueries.Find(Model, depend.Id);
    }

    private DependEnd End(int number, int level)
    {
        var layer = Any(VisibleLayers(), number) ?? throw FarmException.NotFound("there is no layer");
        return level switch
        {
            0 => new DependEnd(layer.Job),
            1 => DependEnd.Of(layer),
            _ => DependEnd.Of(layer, number % layer.Frames.Length),
        };
    }

    private static (int Er, int On) Level(int type) => DependRules.Levels((DependType)(type % 12));

    private IEnumerable<Job> VisibleJobs() => Model.Jobs.All.Where(j => j.IsVisible).OrderBy(j => j.Id);

    private IEnumerable<Layer> VisibleLayers() => VisibleJobs().SelectMany(j => j.Layers.OrderBy(l => l.Id));

    private IEnumerable<(Layer Layer, int Ordinal)> WaitingFrames() =>
        VisibleLayers().SelectMany(
            l => Enumerable.Range(0, l.Frames.Length).Where(i => l.Frames[i].State == FrameState.Waiting).Select(i => (l, i)));

    private IEnumerable<Run> Runs() => Model.Runs.Values.OrderBy(r => r.Id);

    private IEnumerable<Proc> IdlePlaces() => Model.Procs.Values.Where(p => p.Run is null).OrderBy(p => p.Id);
}
