using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Jobs.Submitting;
using OpenCue.Farm.Loading;
using OpenCue.Farm.Operations;
using OpenCue.Farm.Runs;
using OpenCue.Specs.Launch;

namespace OpenCue.TestKit;

/// <summary>
/// A farm with the initial data, a clock that stands, and a store. Commands are applied as the engine applies them, one batch each.
/// </summary>
public sealed class TestFarm
{
    private const long Gib = 1048576;

    private readonly IdSource _ids = new(7);
    private readonly Queue<Effect> _calls = [];
    private FarmEdit _edit;

    /// <summary>A farm with OpenCue's initial data.</summary>
    public TestFarm(FarmSettings? settings = null)
    {
        Model = new FarmModel { Settings = settings ?? new FarmSettings() };
        _edit = new FarmEdit(Model, _ids, 1);
        Do(FarmSeed.Apply);
    }

    /// <summary>The farm.</summary>
    public FarmModel Model { get; private set; }

    /// <summary>The time.</summary>
    public ManualClock Clock { get; } = new();

    /// <summary>All that was committed.</summary>
    public RowStore Store { get; } = new();

    /// <summary>The last batch that was committed.</summary>
    public ChangeSet LastChanges { get; private set; } = new(0, default);

    /// <summary>All that happened since the farm was made.</summary>
    public List<FarmEvent> Events { get; } = [];

    /// <summary>All that was asked to be done in the world since the farm was made.</summary>
    public List<Effect> Effects { get; } = [];

    /// <summary>Whether agents take every launch and kill at once; if not, calls stay open until the test ends them.</summary>
    public bool AgentsAnswer { get; set; } = true;

    /// <summary>Who gives the commands.</summary>
    public Actor Actor { get; set; } = new(ActorKind.User, "tester");

    /// <summary>Applies a command. If it throws, all it did is undone.</summary>
    public T Do<T>(Func<FarmEdit, T> command)
    {
        AnswerCalls();
        return Apply(command);
    }

    private T Apply<T>(Func<FarmEdit, T> command)
    {
        var mark = _edit.Begin(Clock.Now, Actor);
        T result;
        try
        {
            result = command(_edit);
        }
        catch (FramesAwayException)
        {
            _edit.RollBack(mark);
            FetchFrames(Model);
            return Apply(command);
        }
        catch
        {
            _edit.RollBack(mark);
            throw;
        }

        Commit(_edit.Take(Clock.Now));
        return result;
    }

    /// <summary>Applies a command. If it throws, all it did is undone.</summary>
    public void Do(Action<FarmEdit> command) => Do(edit =>
    {
        command(edit);
        return 0;
    });

    /// <summary>Applies a command and undoes it, as if it had been refused at its very end.</summary>
    public void Undo(Action<FarmEdit> command)
    {
        AnswerCalls();
        var mark = _edit.Begin(Clock.Now, Actor);
        try
        {
            command(_edit);
        }
        catch (FarmException)
        {
            // Refused by itself: undone all the same.
        }

        _edit.RollBack(mark);
    }

    /// <summary>Applies a command as a batch, takes the whole batch back, and makes it again.</summary>
    /// <returns>The farm before, after it was taken back, and after it was made again, as text; with the farm as the batch had left
    /// it.</returns>
    public (string Before, string Reverted, string Applied, string Reapplied) RevertAndReapply(Action<FarmEdit> command)
    {
        AnswerCalls();
        var before = FarmDump.Of(Model);
        var mark = _edit.Begin(Clock.Now, Actor);
        try
        {
            command(_edit);
        }
        catch (FarmException)
        {
            _edit.RollBack(mark);
        }

        var changes = _edit.Take(Clock.Now, out var undo);
        var applied = FarmDump.Of(Model);
        _edit.Revert(undo);
        var reverted = FarmDump.Of(Model);
        _edit.Reapply(undo);
        Commit(changes);
        return (before, reverted, applied, FarmDump.Of(Model));
    }

    /// <summary>A host of the allocation <c>local.general</c> that is up and open.</summary>
    public Host AddHost(string name = "host1", int cores = 8, int memoryGib = 32, int gpus = 0) => Do(edit =>
    {
        var allocation = Model.Allocations.Find("local.general")!;
        var id = edit.NewId();
        var stat = new HostStat(
            new HostStatRow { Id = id, PingAtMs = edit.Now.WallMs, TotalMemory = memoryGib * Gib, FreeMemory = memoryGib * Gib });
        edit.Add(stat);
        var host = new Host(
            new HostRow
            {
                Id = id,
                Number = Model.HostsByNumber.Count + 1,
                Name = name,
                Fqdn = $"{name}.test",
                AllocationId = allocation.Id,
                Total = new Resources(cores * 100, memoryGib * Gib, gpus, gpus * 8 * Gib),
                AddedAtMs = edit.Now.WallMs,
            },
            allocation,
            stat);
        edit.Add(host);
        return host;
    });

    /// <summary>Submits a specification, step by step. Returns its jobs, post jobs left out.</summary>
    public IReadOnlyList<Job> Submit(JobSpecDocument document)
    {
        var submission = Do(edit => Submission.Begin(edit, document));
        try
        {
            while (Do(submission.Step))
            {
                // One step a batch.
            }

            return Do(submission.Activate);
        }
        catch (FarmException)
        {
            Do(submission.Drop);
            throw;
        }
    }

    /// <summary>Submits one job.</summary>
    public Job Submit(string name, params LayerSpec[] layers) => Submit(SpecText.Of(name, layers))[0];

    /// <summary>The layer of a job with this name.</summary>
    public static Layer LayerOf(Job job, string name) => job.Layers.Single(l => l.Row.Name == name);

    /// <summary>Books a frame that waits, on the first host with room; made if there is none.</summary>
    public Run Book(Layer layer, int ordinal = 0, long memoryGib = 1)
    {
        var reserve = new Resources(100, memoryGib * Gib);
        var host = Model.Hosts.All.FirstOrDefault(h => reserve.FitsIn(h.Idle)) ?? AddHost($"host{Model.Hosts.Count + 1}");
        return Do(edit => Booking.Start(edit, host, layer, ordinal, reserve))
            ?? throw new InvalidOperationException(
                $"Frame {layer.FrameName(ordinal)} can't be booked: "
                + $"{Booking.CheckStart(Model, Clock.Now, host, layer, ordinal, reserve)}.");
    }

    /// <summary>Ends a run with a report; its place is given back.</summary>
    public CompletionResult Complete(Run run, int exitStatus = 0, Func<RunOutcome, RunOutcome>? and = null)
    {
        var seconds = (Clock.Now.WallMs - run.Row.BookedAtMs) / 1000;
        var outcome = new RunOutcome { End = RunEnd.Completed, ExitStatus = exitStatus, RunSeconds = seconds };
        return End(run, and?.Invoke(outcome) ?? outcome);
    }

    /// <summary>Ends a run; its place is given back.</summary>
    public CompletionResult End(Run run, RunOutcome outcome) => Do(edit =>
    {
        var result = FrameCompletion.Apply(edit, run, outcome);
        edit.Remove(result.Proc);
        return result;
    });

    /// <summary>Ends a run otherwise than by a report; its place is given back.</summary>
    public CompletionResult End(Run run, RunEnd end) => End(run, new RunOutcome { End = end });

    /// <summary>Books a frame, lets ten seconds pass and ends it.</summary>
    public CompletionResult RunFrame(Layer layer, int ordinal = 0, int exitStatus = 0, Func<RunOutcome, RunOutcome>? and = null)
    {
        var run = Book(layer, ordinal);
        Clock.PassSeconds(10);
        return Complete(run, exitStatus, and);
    }

    /// <summary>Runs all frames of a layer to success, in their order.</summary>
    public void RunAll(Layer layer)
    {
        for (var i = layer.Waiting.First(); i >= 0; i = layer.Waiting.First())
        {
            RunFrame(layer, i);
        }
    }

    /// <summary>Asks for a bulk operation and does all of it, a chunk a batch. Returns how many batches that took.</summary>
    public int Bulk(BulkKind kind, Job job, params FrameSpan[] frames)
    {
        var operation = Do(edit => BulkOperations.Request(edit, kind, job, frames, "tester", "because"));
        return operation is null ? 0 : Finish(operation);
    }

    /// <summary>Does all that bulk operations have left to do.</summary>
    public void FinishBulk()
    {
        while (Model.Operations.Count > 0)
        {
            Finish(Model.Operations.Values.OrderBy(o => o.Id).First());
        }
    }

    /// <summary>The server stops and starts again: the farm is built anew from what was committed.</summary>
    public void Restart()
    {
        Model = FarmLoader.Build(Store.Rows(), Model.Settings);
        _edit = new FarmEdit(Model, _ids, LastChanges.Sequence + 1);
        Do(Submission.DropLeftOvers);
    }

    /// <summary>All frames that are at rest leave memory.</summary>
    public void LetFramesGo() => Model.Resting.LetGo(durable: long.MaxValue, nowEngineMs: long.MaxValue, mostFrames: 0, mostLayers: int.MaxValue);

    /// <summary>Frames that are away come back from the store.</summary>
    /// <param name="model">The farm, or another one of the same store.</param>
    public void FetchFrames(FarmModel model)
    {
        foreach (var layer in model.Layers.Values.Where(l => !l.HasFrames))
        {
            model.Resting.TakeIn(layer.Rest!, Store.Frames(layer.Id), 0, 0);
        }
    }

    /// <summary>Agents say yes to all calls that were sent to them.</summary>
    private void AnswerCalls()
    {
        while (AgentsAnswer && _calls.TryDequeue(out var call))
        {
            Apply(edit =>
            {
                RunCalls.Ended(edit, call, CallAnswer.Done, "taken");
                return 0;
            });
        }
    }

    private int Finish(BulkOperation operation)
    {
        var batches = 1;
        while (Do(edit => BulkOperations.Step(edit, operation)))
        {
            batches++;
        }

        return batches;
    }

    private void Commit(ChangeSet changes)
    {
        LastChanges = changes;
        Store.Commit(changes);
        Events.AddRange(changes.Events);
        Effects.AddRange(changes.Effects);
        foreach (var effect in changes.Effects)
        {
            if (effect.Kind is EffectKind.LaunchRun or EffectKind.KillRun or EffectKind.SettleRun)
            {
                _calls.Enqueue(effect);
            }
        }
    }
}
