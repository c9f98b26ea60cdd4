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
    private readonly Dictionary<EntityId, JobPage> _pages = [];

    /// <summary>How those who wait go on: on the spot when the engine is driven by hand.</summary>
    public TaskCreationOptions Continuations { get; set; } = TaskCreationOptions.RunContinuationsAsynchronously;

    /// <summary>True if a read has ended that the writer has not looked at.</summary>
    public bool HasNews
    {
        get
        {
            lock (_lock)
            {
                foreach (var page in _pages.Values)
                {
                    if (page.IsRead || page.IsToRetry(core.Time))
                    {
                        return true;
                    }
                }

                return false;
            }
        }
    }

    /// <summary>True while commands or steps wait for frames.</summary>
    public bool IsWaitedFor
    {
        get
        {
            lock (_lock)
            {
                foreach (var page in _pages.Values)
                {
                    if (page.IsNeededByWriter)
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
                TimeSpan? next = null;
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
            return PageOf(away).Came;
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

            PageOf(away).Parked.Add(command);
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
    public List<JobPage> TakeIn(FarmModel farm, List<Command> commands, List<StepState> steps)
    {
        List<JobPage> done = [];
        foreach (var page in TakeNews())
        {
            if (page.Outcome() is { } failure)
            {
                if (!OnFailed(page, failure, steps))
                {
                    done.Add(page);
                }

                continue;
            }

            done.Add(page);
            if (PutIn(farm, page) is { } damage)
            {
                OnFailed(page, damage, steps);
                continue;
            }

            commands.AddRange(page.Parked);
            steps.AddRange(page.Steps);
        }

        return done;
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
            page = new JobPage(away.Job.Id, away.Job.Row.Name, away.Layers, Continuations);
            _pages.Add(page.JobId, page);
            page.Read(core);
            core.Instruments.FrameFetches.Add(1);
        }

        return page;
    }

    private List<JobPage> TakeNews()
    {
        List<JobPage> news = [];
        lock (_lock)
        {
            foreach (var page in _pages.Values)
            {
                if (page.IsToRetry(core.Time))
                {
                    page.Read(core);
                }

                if (page.IsRead)
                {
                    news.Add(page);
                }
            }

            news.ForEach(page => _pages.Remove(page.JobId));
        }

        return news;
    }

    private InvalidDataException? PutIn(FarmModel farm, JobPage page)
    {
        var stayUntil = core.Clock.Now.EngineMs + (long)core.Options.FetchedFramesStay.TotalMilliseconds;
        foreach (var row in page.Layers)
        {
            // Its job may have gone to history meanwhile, or the farm may have been loaded again.
            if (!farm.Layers.TryGetValue(row.Id, out var layer) || layer.HasFrames)
            {
                continue;
            }

            try
            {
                farm.Resting.TakeIn(
                    layer,
                    page.Frames.GetValueOrDefault(row.Id)
                        ?? throw new InvalidDataException($"The store is damaged: layer {row.Name} of job {page.JobName} lacks frames."),
                    stayUntil);
            }
            catch (InvalidDataException e)
            {
                return e;
            }
        }

        return null;
    }

    /// <summary>True if the read is to be tried again.</summary>
    private bool OnFailed(JobPage page, Exception failure, List<StepState> steps)
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
            steps.AddRange(page.Steps);
            return false;
        }

        page.Fail(new EngineUnavailableException(
            EngineState.Unavailable,
            $"The job {page.JobName} has finished and its frames have to be read from the store, which does not answer: {failure.Message}"));
        page.Parked.RemoveAll(c => !c.IsWaiting);
        if (!page.IsNeededByWriter)
        {
            return false;
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

        return true;
    }

    [LoggerMessage(EventId = 1123, Level = LogLevel.Error, Message = "The frames of the finished job {Job} can't be read")]
    private partial void LogDamaged(Exception failure, string job);
}
