using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Tests.Runs;

internal enum FakeKind
{
    /// <summary>Keeps a journal, knows run ids.</summary>
    Ours,

    /// <summary>OpenCue's in Python: denies frames that are starting, can't be asked, forgets everything when it restarts.</summary>
    Python,

    /// <summary>OpenCue's in Rust: can be asked, refuses to kill what is starting, forgets everything when it restarts.</summary>
    Rust,
}

/// <summary>A render that lives on a host, whether its agent knows of it or not.</summary>
internal sealed class FakeRender(EntityId run, EntityId frame)
{
    public EntityId Run { get; } = run;

    public EntityId Frame { get; } = frame;

    /// <summary>Accepted, and not visible yet.</summary>
    public bool IsStarting { get; set; }

    public bool IsKilled { get; set; }
}

/// <summary>An agent in memory that answers as the real ones do, and the host under it.</summary>
internal sealed class FakeAgent(FakeKind kind, string name)
{
    private readonly HashSet<EntityId> _refused = [];
    private readonly HashSet<EntityId> _ended = [];

    public FakeKind Kind { get; } = kind;

    public string Name { get; } = name;

    public string BootId { get; private set; } = "boot-1-" + name;

    public string Instance { get; private set; } = "journal-1-" + name;

    public long BootTimeSeconds { get; set; } = 1_790_000_000;

    /// <summary>What truly runs on the host.</summary>
    public List<FakeRender> Alive { get; } = [];

    /// <summary>What the agent knows of it.</summary>
    public List<FakeRender> Known { get; } = [];

    /// <summary>Completions that were not acknowledged.</summary>
    public List<CompletionReport> Pending { get; } = [];

    /// <summary>True if renders get their log open only later.</summary>
    public bool StartsSlowly { get; set; }

    public long Memory { get; set; } = 32L * 1048576;

    public Action<FakeRender>? OnKilled { get; set; }

    public CallAnswer Answer(Effect effect) => effect.Kind switch
    {
        EffectKind.LaunchRun => Launch(effect.Subject, effect.Frame),
        EffectKind.SettleRun => Ask(effect.Subject, effect.Frame),
        _ => Kill(effect.Subject, effect.Frame),
    };

    public CallAnswer Launch(EntityId run, EntityId frame)
    {
        if (Known.Any(r => r.Frame == frame && (Kind != FakeKind.Python || !r.IsStarting)))
        {
            return CallAnswer.Unanswered;
        }

        if (Kind == FakeKind.Ours && (_refused.Contains(run) || _ended.Contains(run)))
        {
            return CallAnswer.Refused;
        }

        var render = new FakeRender(run, frame) { IsStarting = StartsSlowly };
        Alive.Add(render);
        Known.Add(render);
        return CallAnswer.Done;
    }

    public CallAnswer Kill(EntityId run, EntityId frame)
    {
        var render = Known.Find(r => r.Frame == frame && (Kind != FakeKind.Ours || r.Run == run));
        switch (Kind)
        {
            case FakeKind.Ours when render is null:
                return _ended.Contains(run) ? CallAnswer.NotHere : Refuse(run);
            case FakeKind.Python when render is null or { IsStarting: true }:
                return CallAnswer.NotHere;
            case FakeKind.Rust when render is null:
                return CallAnswer.NotHere;
            case FakeKind.Rust when render.IsStarting:
                return CallAnswer.CannotSay;
            default:
                render!.IsKilled = true;
                OnKilled?.Invoke(render);
                return CallAnswer.Done;
        }
    }

    public CallAnswer Ask(EntityId run, EntityId frame) => Kind switch
    {
        FakeKind.Python => CallAnswer.CannotSay,
        FakeKind.Rust => Known.Any(r => r.Run == run && r.Frame == frame) ? CallAnswer.Done : CallAnswer.NotHere,
        _ => Known.Any(r => r.Run == run) ? CallAnswer.Done : _ended.Contains(run) ? CallAnswer.NotHere : Refuse(run),
    };

    /// <summary>A render ends; its completion waits to be sent.</summary>
    public CompletionReport Finish(EntityId run, int status = 0, int signal = 0)
    {
        var render = Alive.Single(r => r.Run == run);
        Alive.Remove(render);
        var report = Completion(render, status, signal);
        if (Known.Remove(render))
        {
            _ended.Add(run);
            Pending.Add(report);
        }

        return report;
    }

    public CompletionReport Completion(FakeRender render, int status = 0, int signal = 0) => new()
    {
        HostName = Name,
        Frame = new RunningFrameReport { RunId = render.Run, FrameId = render.Frame },
        ExitStatus = status,
        ExitSignal = signal,
        RunSeconds = 60,
        Agent = Facts,
    };

    /// <summary>The agent is started again. Ours goes on where it was; the others know nothing any more.</summary>
    public void Restart(bool rendersDie)
    {
        if (rendersDie)
        {
            Alive.RemoveAll(Known.Contains);
        }

        if (Kind != FakeKind.Ours)
        {
            Known.Clear();
            Pending.Clear();
        }
    }

    /// <summary>The machine boots: nothing lives on. Our agent's journal says what was lost with it.</summary>
    public void Reboot()
    {
        _ended.UnionWith(Known.Select(r => r.Run));
        Alive.Clear();
        Known.Clear();
        BootId = $"boot-{BootTimeSeconds}-{Name}";
        BootTimeSeconds += 100_000;
        if (Kind != FakeKind.Ours)
        {
            Pending.Clear();
        }
    }

    /// <summary>The journal is lost, with the disk it was on.</summary>
    public void LoseJournal()
    {
        Instance += "'";
        Known.Clear();
        Pending.Clear();
        _refused.Clear();
        _ended.Clear();
    }

    public HostReport Report() => Boot() with
    {
        IsBoot = false,
        PendingCompletions = Kind == FakeKind.Ours ? Pending.Select(c => c.Frame.RunId).ToArray() : [],
        Frames = Known.Where(r => !r.IsStarting).Select(r => new RunningFrameReport { RunId = r.Run, FrameId = r.Frame, RssKib = 100 }).ToArray(),
    };

    public HostReport Boot() => new()
    {
        HostName = Name,
        IsBoot = true,
        Facility = "local",
        Tags = ["general"],
        CorePoints = 800,
        TotalMemory = Memory,
        FreeMemory = Memory / 2,
        TotalTemp = 100_000_000,
        FreeTemp = 50_000_000,
        Os = "Linux",
        BootTimeSeconds = BootTimeSeconds,
        Agent = Facts,
    };

    private CallAnswer Refuse(EntityId run)
    {
        _refused.Add(run);
        return CallAnswer.NeverHere;
    }

    private AgentFacts Facts => Kind == FakeKind.Ours ? new AgentFacts(AgentKind.OpenCueNet, BootId, Instance) : AgentFacts.OpenCue;
}
