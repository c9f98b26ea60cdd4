using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Scheduling;
using OpenCue.Specs.Ranges;

namespace OpenCue.Farm.Jobs;

/// <summary>What happens to a run whose host has been silent for too long.</summary>
public enum OnHostLost
{
    /// <summary>After the farm's waiting time the run is assumed to have ended, and its frame is booked again.</summary>
    Retry = 0,

    /// <summary>A person decides.</summary>
    Wait = 1,

    /// <summary>As <see cref="Wait"/>, and somebody is told.</summary>
    Ask = 2,
}

/// <summary>A layer: frames that run the same command. It is the unit of demand for the scheduler.</summary>
public sealed class Layer : Entity<LayerRow>
{
    private Frame[]? _frames;
    private FrameCounts _counts;
    private bool _isReordered;
    private FarmModel? _farm;
    private Dictionary<int, List<Depend>>? _framesWaitedFor;

    /// <summary>A layer of <paramref name="job"/> with its frames.</summary>
    public Layer(LayerRow row, Job job, LayerUsage usage, FrameChunks chunks, Frame[] frames)
        : base(row)
    {
        Job = job;
        Usage = usage;
        Chunks = chunks;
        Waiting = WaitingFrames.None;
        _counts = Look(frames);
    }

    /// <summary>A layer of a finished job whose frames are at rest in the store.</summary>
    public Layer(LayerRow row, Job job, LayerUsage usage, FrameChunks chunks, FramesAtRestRow rest)
        : base(row)
    {
        Job = job;
        Usage = usage;
        Chunks = chunks;
        Waiting = WaitingFrames.None;
        _counts = rest.Counts();
    }

    /// <summary>The job it is part of.</summary>
    public Job Job { get; }

    /// <summary>What its runs have used so far.</summary>
    public LayerUsage Usage { get; }

    /// <summary>Which frame numbers each frame of the layer renders.</summary>
    public FrameChunks Chunks { get; }

    /// <summary>
    /// Its frames by ordinal. Those of a job that finished some time ago are in the store alone: then <see cref="FramesAwayException"/> is thrown, the
    /// engine fetches them, and the command or query is made again. How many there are, and in which states, is always known.
    /// </summary>
    public ReadOnlySpan<Frame> Frames => _frames ?? throw new FramesAwayException(Job);

    /// <summary>True if its frames are in memory.</summary>
    public bool HasFrames => _frames is not null;

    /// <summary>Number of its frames.</summary>
    public int FrameCount => _frames?.Length ?? Row.FrameCount;

    /// <summary>That its frames are as the store has them and stay so; null while anything may move in them.</summary>
    public FramesAtRest? Rest { get; internal set; }

    /// <summary>Its frames that are WAITING, in dispatch order.</summary>
    public WaitingFrames Waiting { get; private set; }

    /// <summary>Its frames by state.</summary>
    public FrameCounts Counts => _counts;

    /// <summary>Runs of its frames that have not ended, by ordinal. A RUNNING frame has one, and only a RUNNING frame.</summary>
    public Dictionary<int, Run> Runs { get; } = [];

    /// <summary>What its procs reserve, local ones too.</summary>
    public Resources Use { get; internal set; }

    /// <summary>The limits it is under.</summary>
    public List<Limit> Limits { get; } = [];

    /// <summary>Depends in which something waits for this layer as a whole, or for its frames one by one.</summary>
    public HashSet<Depend> WaitedFor { get; } = [];

    /// <summary>How often an agent refused its frames because of what they ask; not stored.</summary>
    public int LaunchRefusals { get; set; }

    /// <summary>What its frames need of a host, as the scheduler last worked it out.</summary>
    internal KnownRequirement? Requirement { get; set; }

    /// <summary>Engine time at which a pass last booked one of its frames, or 0; not stored.</summary>
    internal long LastBookedEngineMs { get; set; }

    /// <summary>True if a person changed the order of its frames.</summary>
    public bool IsReordered => HasFrames ? _isReordered : throw new FramesAwayException(Job);

    internal override bool LeavesByItself => true;

    /// <summary>The frame's name, as <c>0001-layer</c>.</summary>
    public string FrameName(int ordinal) => Specs.Commands.FrameNames.Format(Chunks.FirstFrame(ordinal), Row.Name);

    /// <summary>The frame's id.</summary>
    public EntityId FrameId(int ordinal) => Id.Frame(ordinal);

    internal override void Attach(FarmModel farm)
    {
        _farm = farm;
        farm.Layers.Add(Id, this);
        Job.Layers.Add(this);
        farm.Jobs.RestChanged(Job);
        SumFramesIntoJob(1);
        LinkLimits(farm);
        farm.Marks.Layers.Add(this);
    }

    internal override void Detach(FarmModel farm)
    {
        _farm = null;
        farm.Layers.Remove(Id);
        Job.Layers.Remove(this);
        farm.Jobs.RestChanged(Job);
        SumFramesIntoJob(-1);
        UnlinkLimits();
        farm.Marks.Layers.Add(this);
    }

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, LayerRow old)
    {
        if (old.LimitIds != Row.LimitIds)
        {
            CountRunsUnderLimits(farm, -1);
            UnlinkLimits();
            LinkLimits(farm);
            CountRunsUnderLimits(farm, 1);
        }

        farm.Marks.Layers.Add(this);
    }

    /// <summary>Puts a frame's value in place, with all that is counted from it.</summary>
    internal void Put(int ordinal, in Frame value)
    {
        ref var frame = ref Held[ordinal];
        var (from, to) = (frame.State, value.State);
        var reordered = frame.DispatchOrder != value.DispatchOrder;
        frame = value;
        if (from != to)
        {
            CountChange(ordinal, from, to);
        }

        if (reordered)
        {
            _isReordered = true;
            Waiting.OrderChanged(Held);
            _farm?.Marks.Layers.Add(this);
        }
    }

    /// <summary>
    /// Says that so many more (or fewer) active depends hold a frame. WAITING and DEPEND follow from that; whatever else a frame is stays.
    /// It works the same way forth, back and while loading, so depend counts need no undo and no store.
    /// </summary>
    internal void ShiftDepends(int ordinal, int by)
    {
        ref var frame = ref Held[ordinal];
        frame.DependCount += by;
        if (frame.State == FrameState.Waiting && frame.DependCount > 0 && !frame.Has(FrameFlags.DependsIgnored))
        {
            Flip(ordinal, ref frame, FrameState.Depend);
        }
        else if (frame.State == FrameState.Depend && frame.DependCount == 0)
        {
            Flip(ordinal, ref frame, FrameState.Waiting);
        }
    }

    /// <summary>
    /// After a load: what was stored before a depend was released, or before its job became active, becomes WAITING. (What depends hold has
    /// become DEPEND when they were attached.)
    /// </summary>
    internal void SettleLoadedStates()
    {
        for (var i = 0; i < _frames?.Length; i++)
        {
            ref var frame = ref _frames[i];
            if (frame.State is FrameState.Setup or FrameState.Depend && frame.DependCount == 0)
            {
                Flip(i, ref frame, FrameState.Waiting);
            }
            else if (frame.State == FrameState.Setup)
            {
                Flip(i, ref frame, FrameState.Depend);
            }
        }
    }

    /// <summary>Depends in which something waits for this one frame.</summary>
    public IReadOnlyList<Depend> WaitedForFrame(int ordinal) =>
        _framesWaitedFor is not null && _framesWaitedFor.TryGetValue(ordinal, out var depends) ? depends : [];

    internal void LinkWaitedForFrame(int ordinal, Depend depend)
    {
        _framesWaitedFor ??= [];
        if (!_framesWaitedFor.TryGetValue(ordinal, out var depends))
        {
            _framesWaitedFor.Add(ordinal, depends = []);
        }

        depends.Add(depend);
    }

    internal void UnlinkWaitedForFrame(int ordinal, Depend depend)
    {
        if (_framesWaitedFor is not null && _framesWaitedFor.TryGetValue(ordinal, out var depends)
            && depends.Remove(depend) && depends.Count == 0)
        {
            _framesWaitedFor.Remove(ordinal);
        }
    }

    /// <summary>Says whether the frame's row still has to be stored in this batch, and marks it as stored.</summary>
    internal bool TakeDirty(int ordinal)
    {
        ref var frame = ref Held[ordinal];
        if (!frame.Has(FrameFlags.Dirty))
        {
            return false;
        }

        frame.Flags &= ~FrameFlags.Dirty;
        return true;
    }

    /// <summary>Lets go of frames that are at rest; the store has them.</summary>
    internal void LetFramesGo()
    {
        if (Rest is null)
        {
            throw new InvalidOperationException($"The frames of layer {Row.Name} of {Job.Row.Name} are not at rest: nobody else has them.");
        }

        _frames = null;
        Waiting = WaitingFrames.None;
    }

    /// <summary>
    /// Takes back frames that were let go. Throws <see cref="InvalidDataException"/> if they are not what was noted of them.
    /// </summary>
    internal void TakeFrames(Frame[] frames)
    {
        foreach (ref var frame in frames.AsSpan())
        {
            // Nothing holds frames at rest, whatever they were stored as.
            frame.State = frame.State is FrameState.Setup or FrameState.Depend ? FrameState.Waiting : frame.State;
        }

        var waiting = Waiting;
        var counts = Look(frames);
        if (frames.Length == Row.FrameCount && counts.IsSame(_counts))
        {
            return;
        }

        (_frames, Waiting) = (null, waiting);
        throw new InvalidDataException(
            $"The store is damaged: the frames of layer {Row.Name} of job {Job.Row.Name} are not those that were there when the job came to rest.");
    }

    /// <summary>The frames, for changing them.</summary>
    private Frame[] Held => _frames ?? throw new FramesAwayException(Job);

    /// <summary>Takes the frames as they are; returns how many there are in each state.</summary>
    private FrameCounts Look(Frame[] frames)
    {
        _frames = frames;
        _isReordered = false;
        Waiting = new WaitingFrames(frames.Length);
        FrameCounts counts = default;
        for (var i = 0; i < frames.Length; i++)
        {
            counts[frames[i].State]++;
            _isReordered |= frames[i].DispatchOrder != i;
            if (frames[i].State == FrameState.Waiting)
            {
                Waiting.Set(i, true);
            }
        }

        if (_isReordered)
        {
            Waiting.Reorder(frames);
        }

        return counts;
    }

    private void Flip(int ordinal, ref Frame frame, FrameState to)
    {
        var from = frame.State;
        frame.State = to;
        if (_farm?.Stamp is { Sequence: > 0 } stamp)
        {
            frame.ChangedIn = stamp.Sequence;
            frame.UpdatedAtMs = stamp.WallMs;
            frame.EligibleAtMs = to == FrameState.Waiting ? stamp.WallMs : frame.EligibleAtMs;
        }

        CountChange(ordinal, from, to);
    }

    private void CountChange(int ordinal, FrameState from, FrameState to)
    {
        _counts[from]--;
        _counts[to]++;
        if (InFarm)
        {
            Job.FrameSums[from]--;
            Job.FrameSums[to]++;
        }

        Waiting.Set(ordinal, to == FrameState.Waiting);
        if (to == FrameState.Waiting)
        {
            _farm?.Marks.Layers.Add(this);
        }
    }

    private void SumFramesIntoJob(int sign)
    {
        for (var i = 0; i < 8; i++)
        {
            Job.FrameSums[i] += sign * _counts[i];
        }
    }

    /// <summary>Puts it under the limits that its row names, in that order; those that are gone hold nothing back.</summary>
    internal void LinkLimits(FarmModel farm)
    {
        Limits.Clear();
        foreach (var id in Row.LimitIds)
        {
            if (farm.Limits.TryGet(id, out var limit))
            {
                Limits.Add(limit);
                limit.Layers.Add(this);
            }
        }
    }

    private void UnlinkLimits()
    {
        foreach (var limit in Limits)
        {
            limit.Layers.Remove(this);
        }

        Limits.Clear();
    }

    private void CountRunsUnderLimits(FarmModel farm, int sign)
    {
        foreach (var limit in Limits)
        {
            farm.Marks.Limits.Add(limit);
            foreach (var run in Runs.Values)
            {
                if (sign > 0)
                {
                    limit.Add(run);
                }
                else
                {
                    limit.Remove(run);
                }
            }
        }
    }
}

/// <summary>What is stored of a layer. Cores are core points (hundredths), memory is KiB.</summary>
public sealed record LayerRow : IRow
{
    /// <inheritdoc/>
    public required EntityId Id { get; init; }

    /// <summary>Its job.</summary>
    public required EntityId JobId { get; init; }

    /// <summary>Name, unique in the job.</summary>
    public required string Name { get; init; }

    /// <summary>Kind of work.</summary>
    public LayerType Type { get; init; } = LayerType.Render;

    /// <summary>Shell text with tokens.</summary>
    public required string Command { get; init; }

    /// <summary>The frame range exactly as it was sent.</summary>
    public required string Range { get; init; }

    /// <summary>How many frame numbers one frame of the layer renders.</summary>
    public int ChunkSize { get; init; } = 1;

    /// <summary>Place in the job, from 1.</summary>
    public int DispatchOrder { get; init; } = 1;

    /// <summary>What a frame needs. 0: all cores of a host; −n: all but n.</summary>
    public int MinCores { get; init; } = 100;

    /// <summary>What a frame may use; 0 means no maximum.</summary>
    public int MaxCores { get; init; }

    /// <summary>What a frame needs.</summary>
    public long MinMemoryKib { get; init; } = 4 * 1048576;

    /// <summary>What a frame needs.</summary>
    public int MinGpus { get; init; }

    /// <summary>What a frame may use; stored for clients.</summary>
    public int MaxGpus { get; init; }

    /// <summary>What a frame needs.</summary>
    public long MinGpuMemoryKib { get; init; }

    /// <summary>True if a frame can use more than one core.</summary>
    public bool Threadable { get; init; } = true;

    /// <summary>Tags of hosts it runs on: one of them must match; none means any host.</summary>
    public ValueList<string> Tags { get; init; } = [];

    /// <summary>Services, the first one known being the one whose defaults were taken.</summary>
    public ValueList<string> Services { get; init; } = [];

    /// <summary>Limits it is under.</summary>
    public ValueList<EntityId> LimitIds { get; init; } = [];

    /// <summary>Minutes a frame may run; 0 means for ever.</summary>
    public int TimeoutMinutes { get; init; }

    /// <summary>Minutes a frame may go without writing to its log; 0 means for ever.</summary>
    public int TimeoutLogMinutes { get; init; }

    /// <summary>True: its memory need is lowered to what its frames really used.</summary>
    public bool OptimizeMemory { get; init; } = true;

    /// <summary>Environment of its frames, over that of the job.</summary>
    public ValueList<EnvironmentVariable> Environment { get; init; } = [];

    /// <summary>Nothing is booked before this wall time, ms since 1970; 0 means now.</summary>
    public long StartAfterMs { get; init; }

    /// <summary>Who set that, or why.</summary>
    public string StartAfterReason { get; init; } = "";

    /// <summary>Paths of what it makes.</summary>
    public ValueList<string> Outputs { get; init; } = [];

    /// <summary>What happens when a host is lost.</summary>
    public OnHostLost OnHostLost { get; init; }

    /// <summary>When it was submitted, ms since 1970.</summary>
    public long CreatedAtMs { get; init; }

    /// <summary>Number of frames (chunks).</summary>
    public int FrameCount { get; init; }
}
