using OpenCue.Farm.Jobs;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Sums over jobs of one show: frames and reservations of pending jobs only, runs of all.</summary>
internal struct ShowSums
{
    private LongSum _reserved;
    private long _succeeded;
    private long _failed;
    private int _pendingJobs;
    private int _running;
    private int _dead;
    private int _pending;

    /// <summary>Adds a job.</summary>
    public void Add(Job job)
    {
        foreach (var layer in job.Layers)
        {
            _succeeded += layer.Usage.Row.Succeeded;
            _failed += layer.Usage.Row.Failed;
        }

        if (job.Row.State == JobState.Pending)
        {
            var frames = job.Frames;
            _pendingJobs++;
            _running += frames[FrameState.Running];
            _dead += frames[FrameState.Dead];
            _pending += frames[FrameState.Waiting] + frames[FrameState.Depend];
            _reserved += job.Use + job.LocalUse;
        }
    }

    /// <summary>Adds the sums over other jobs.</summary>
    public void Add(in ShowSums other)
    {
        _reserved += other._reserved;
        _succeeded += other._succeeded;
        _failed += other._failed;
        _pendingJobs += other._pendingJobs;
        _running += other._running;
        _dead += other._dead;
        _pending += other._pending;
    }

    /// <summary>Puts the sums into a show's stats, which hold what the show itself counts.</summary>
    public readonly void AddTo(Wire.ShowStats stats)
    {
        stats.RenderedFrameCount += _succeeded;
        stats.FailedFrameCount += _failed;
        stats.PendingJobs = _pendingJobs;
        stats.RunningFrames = _running;
        stats.DeadFrames = _dead;
        stats.PendingFrames = _pending;
        stats.ReservedCores = _reserved.Cores;
        stats.ReservedGpus = _reserved.Gpus;
    }
}
