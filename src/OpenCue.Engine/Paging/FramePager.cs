using Microsoft.Extensions.Logging;
using OpenCue.Engine.Batches;
using OpenCue.Engine.Commands;
using OpenCue.Engine.Storing;
using OpenCue.Farm;
using OpenCue.Farm.Jobs;

namespace OpenCue.Engine.Paging;

/// <summary>
/// Fetches frames of finished jobs that are in the store alone, when a command, a step or a query comes upon them. The read runs beside the writer; whoever
/// needs the frames waits for it and is then made again.
/// </summary>
internal sealed partial class FramePager(EngineCore core)
{
    private readonly ILogger _logger = core.Logger;
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<EntityId, JobPage> _pages = [];

    /// <summary>How those who wait go on: on the spot when the engine is driven by hand.</summary>
    public TaskCreationOptions Continuations { get; set; } = TaskCreationOptions.RunContinuationsAsynchronously;

    /// <summary>True if a read has ended that the writer has not looked at, or one has to begin.</summary>
    public bool HasNews
    {
        get
        {
            lock (_lock)
            {
                var hasPlace = Places() > 0;
                foreach (var page in _pages.Values)
                {
                    if (page.IsRead || (hasPlace && page.IsToRetry(core.Time)))
                    {
                        return true;
                    }
                }

                return false;
            }
        }
    }

    /// <summary>True while commands wait for frames whose callers have not given up.</summary>
    public bool IsWaitedFor
    {
        get
        {
            lock (_lock)
            {
                foreach (var page in _pages.Values)
                {
                    if (page.Parked.Exists(command => command.IsWaiting))
                    {
                        return true;
                    }
                }

                return false;
            }
        }
    }

    /// <summary>When a read that failed is tried again; null if none is.</summary>
    public TimeSpan? NextRetry
    {
        get
        {
            lock (_lock)
            {
                // When all places are taken, the end of a read says when to look again.
                TimeSpan? next = null;
                if (Places() <= 0)
                {
                    return null;
                }

                foreach (var page in _pages.Values)
                {
                    if (page.UntilRetry(core.Time) is { } wait && (next is null || wait < next))
                    {
                        next = wait;
                    }
                }

                return next;
            }
        }
    }

    /// <summary>Fetches frames; completes when they are in memory, or may be.</summary>
    /// <exception cref="EngineUnavailableException">The store is away.</exception>
    public Task FetchAsync(FramesAwayException away)
    {
        lock (_lock)
        {
            // A query has left the model when it comes here: another's read may have brought the frames since.
            if (!_pages.ContainsKey(away.Job.Id) && away.Away.All(rest => rest.Layer.HasFrames))
            {
                return Task.CompletedTask;
            }

            // Without a farm nobody would ever take them in. Whoever takes the farm away gives up the pages after it.
            return core.Live is not null
                ? PageOf(away).Came
                : Task.FromException(new EngineUnavailableException(
                    core.Status.State, $"The frames of the job {away.Job.Row.Name} were not read: the server has no farm now."));
        }
    }

    /// <summary>
    /// Fetches frames for a command, which comes back from <see cref="TakeIn"/>. False if too many commands wait already. Only for the writer.
    /// </summary>
    public bool TryPark(FramesAwayException away, Command command)
    {
        lock (_lock)
        {
            if (command.Class == CommandClass.UserAction && _pages.Values.Sum(p => p.Parked.Count) >= core.Options.UserActionsWaiting)
            {
                return false;
            }

            var page = PageOf(away);
            page.Parked.Add(command);
            command.WaitsFor = page.WaitsFor;
            return true;
        }
    }

    /// <summary>Fetches frames for a step, which is run again when they have come. Only for the writer.</summary>
    public void Park(FramesAwayException away, StepState step)
    {
        lock (_lock)
        {
            PageOf(away).Steps.Add(step);
        }
    }

    /// <summary>
    /// Puts frames that have come into the model, and gives back what waited for them; the pages are to be completed when the writer has left the gate,
    /// which it holds now.
    /// </summary>
    /// <param name="farm">The model.</param>
    /// <param name="inDoubt">Jobs that the model has, and that may be history in the store: that nobody answered the commit is no damage.</param>
    public FramesTaken TakeIn(FarmModel farm, List<EntityId> inDoubt)
    {
        var taken = new FramesTaken();
        foreach (var page in TakeNews())
        {
            var outcome = page.Outcome() ?? PutIn(farm, page);
            lock (_lock)
            {
                // Not before: who asks until then waits for this page, who asks later finds the frames.
                _pages.Remove(page.JobId);
            }

            if (outcome is { } failure && page.Away.Any(rest => IsAway(farm, rest)))
            {
                var isDoubted = failure is not StoreUnavailableException && inDoubt.Contains(page.JobId);
                OnFailed(page, isDoubted ? new StoreUnavailableException("It is not known yet whether the job has gone to history.", failure) : failure, taken);
                continue;
            }

            taken.Pages.Add(page);
            taken.Steps.AddRange(page.Steps);
            foreach (var command in page.Parked)
            {
                command.WaitsFor = null;
                taken.Commands.Add(command);
            }
        }

        return taken;
    }

    /// <summary>Gives up all reads. Returns the commands that waited.</summary>
    public IReadOnlyList<Command> Clear(Exception reason)
    {
        JobPage[] pages;
        lock (_lock)
        {
            pages = [.. _pages.Values];
            _pages.Clear();
        }

        foreach (var page in pages)
        {
            page.Fail(reason);
            page.Complete();
        }

        return [.. pages.SelectMany(p => p.Parked)];
    }

    /// <summary>The read of a job's frames that is under way, or a new one. Under the lock.</summary>
    private JobPage PageOf(FramesAwayException away)
    {
        if (!_pages.TryGetValue(away.Job.Id, out var page))
        {
            page = new JobPage(away, Continuations);
            var hasPlace = Places() > 0;
            _pages.Add(page.JobId, page);
            if (hasPlace)
            {
                page.Read(core);
            }

            core.Instruments.FrameFetches.Add(1);
        }

        return page;
    }

    /// <summary>
    /// How many more jobs may be read now. A store serves commits besides, some of them over the same connection: many who ask must not keep those waiting.
    /// Under the lock.
    /// </summary>
    private int Places() => core.Options.FrameReads - _pages.Values.Count(page => page.IsReading);

    private List<JobPage> TakeNews()
    {
        List<JobPage> news = [];
        lock (_lock)
        {
            var places = Places();
            foreach (var page in _pages.Values)
            {
                if (places > 0 && page.IsToRetry(core.Time))
                {
                    page.Read(core);
                    places -= page.IsReading ? 1 : 0;
                }

                if (page.IsRead)
                {
                    news.Add(page);
                }
            }
        }

        return news;
    }

    private InvalidDataException? PutIn(FarmModel farm, JobPage page)
    {
        var now = core.Clock.Now.EngineMs;
        foreach (var rest in page.Away)
        {
            // Its job may have gone to history meanwhile, or have run and come to rest again: what was read may be older than that. Or the farm was loaded again.
            if (!IsAway(farm, rest))
            {
                continue;
            }

            try
            {
                farm.Resting.TakeIn(
                    rest,
                    page.Frames.GetValueOrDefault(rest.Id)
                        ?? throw new InvalidDataException($"The store is damaged: layer {rest.Layer.Row.Name} of job {page.JobName} lacks frames."),
                    now + (long)core.Options.FetchedFramesStayAtLeast.TotalMilliseconds,
                    now + (long)core.Options.FetchedFramesStay.TotalMilliseconds);
            }
            catch (InvalidDataException e)
            {
                return e;
            }
        }

        return null;
    }

    /// <summary>True if the frames are still needed. Of a job that went to history during the read, some may have been found and others not.</summary>
    private static bool IsAway(FarmModel farm, FramesAtRest rest) =>
        farm.Layers.TryGetValue(rest.Id, out var layer) && layer.Rest == rest && !layer.HasFrames;

    /// <summary>Tells whoever waits. If it was the store that did not answer, the read is tried again for the commands and steps.</summary>
    private void OnFailed(JobPage page, Exception failure, FramesTaken taken)
    {
        if (failure is not StoreUnavailableException)
        {
            LogDamaged(failure, page.JobName);
            foreach (var command in page.Parked)
            {
                command.Fail(new CommandFailedException(
                    $"{command.Name} changed nothing: the frames of the job {page.JobName} can't be read. {failure.Message}", failure));
            }

            page.Fail(new CommandFailedException($"The frames of the job {page.JobName} can't be read. {failure.Message}", failure));
            taken.Pages.Add(page);
            taken.FailedSteps.AddRange(page.Steps);
            return;
        }

        page.WaitsFor = $"the job {page.JobName} has finished and its frames have to be read from the store, which does not answer: {failure.Message}";
        page.Fail(new EngineUnavailableException(EngineState.Unavailable, $"This can't be told: {page.WaitsFor}"));
        page.Parked.RemoveAll(c => !c.IsWaiting);
        page.Parked.ForEach(c => c.WaitsFor = page.WaitsFor);
        if (!page.IsNeededByWriter)
        {
            taken.Pages.Add(page);
            return;
        }

        page.RetryIn(core.Options.RetryLongest, core.Time);
        lock (_lock)
        {
            if (_pages.TryGetValue(page.JobId, out var newer))
            {
                // A query asked again meanwhile.
                newer.Parked.AddRange(page.Parked);
                newer.Steps.UnionWith(page.Steps);
            }
            else
            {
                _pages.Add(page.JobId, page);
            }
        }
    }

    [LoggerMessage(EventId = 1123, Level = LogLevel.Error, Message = "The frames of the finished job {Job} can't be read")]
    private partial void LogDamaged(Exception failure, string job);
}
