using OpenCue.Engine.Storing;
using OpenCue.Simulator.Faults.Checking;
using OpenCue.Simulator.Faults.Plans;
using OpenCue.Simulator.Faults.Servers;
using OpenCue.Simulator.VirtualTime;

namespace OpenCue.Simulator.Faults.World;

/// <summary>All that is simulated: hosts, network, store, servers, and the truth about them. One thread, one virtual time, one seed.</summary>
internal sealed class SimWorld
{
    private readonly Chance _lives;
    private int _servers;

    public SimWorld(FaultPlan plan, int keepLines)
    {
        Plan = plan;
        Trace = new Trace(() => Events.NowMs, keepLines);
        Network = new SimNetwork(this);
        Truth = new Truth(this);
        Acknowledge = new Acknowledged(this);
        Users = new Users(this);
        _lives = Chance.Of(plan.Seed, "lives");
        Hosts = [.. plan.Hosts.Select((kind, i) => new SimHost(this, $"host{i + 1}", kind))];
    }

    /// <summary>What is to happen.</summary>
    public FaultPlan Plan { get; }

    /// <summary>Virtual time.</summary>
    public EventQueue Events { get; } = new();

    /// <summary>Now, virtual ms.</summary>
    public long NowMs => Events.NowMs;

    /// <summary>What happened.</summary>
    public Trace Trace { get; }

    /// <summary>How often what happened.</summary>
    public Tally Tally { get; } = new();

    /// <summary>Settings of the farm.</summary>
    public FarmSettings Settings { get; } = new() { FinishedFramesStayMinutes = 1 };

    /// <summary>The store's contents.</summary>
    public MemoryDatabase Database { get; set; } = new();

    /// <summary>What is wrong with the store.</summary>
    public SimDisk Disk { get; } = new();

    /// <summary>The network.</summary>
    public SimNetwork Network { get; }

    /// <summary>The hosts.</summary>
    public IReadOnlyList<SimHost> Hosts { get; }

    /// <summary>Servers that live, the latest last.</summary>
    public List<SimServer> Servers { get; } = [];

    /// <summary>What is true, and what must hold.</summary>
    public Truth Truth { get; }

    /// <summary>What people were told.</summary>
    public Acknowledged Acknowledge { get; }

    /// <summary>The people.</summary>
    public Users Users { get; }

    /// <summary>How far servers' wall clocks are off.</summary>
    public TimeSpan ServerClockShift { get; private set; }

    /// <summary>True once nothing goes wrong any more.</summary>
    public bool IsHealed { get; set; }

    /// <summary>The first promise that was broken.</summary>
    public BrokenPromiseException? Broken { get; private set; }

    /// <summary>The server that has the farm, or had it last; null if none lives.</summary>
    public SimServer? Server => Servers.LastOrDefault(s => s.IsAlive);

    /// <summary>A promise is broken; the first one counts.</summary>
    public void Break(string promise, string what)
    {
        if (Broken is null)
        {
            Broken = new BrokenPromiseException(promise, what);
            Trace.Add($"BROKEN {Broken.Message}");
        }
    }

    /// <summary>The host with this short name.</summary>
    public SimHost? FindHost(string name) => Hosts.FirstOrDefault(h => string.Equals(h.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The server that an agent reports to: of several that live, any.</summary>
    public SimServer? ServerFor(Chance chance)
    {
        Servers.RemoveAll(s => !s.IsAlive);
        return Servers.Count == 0 ? null : Servers[chance.Below(Servers.Count)];
    }

    /// <summary>Starts a server; others that live go on until they notice.</summary>
    public void StartServer()
    {
        var server = new SimServer(this, ++_servers);
        Servers.Add(server);
        Acknowledge.Check();
        server.Start();
    }

    /// <summary>Sets the wall clock of servers forth or back.</summary>
    public void ShiftServerClock(TimeSpan by)
    {
        ServerClockShift += by;
        foreach (var server in Servers)
        {
            server.Clock.WallShift = ServerClockShift;
        }
    }

    /// <summary>How long a render takes, and how it ends.</summary>
    public (long LengthMs, int Status, int Signal) LifeOf(Render render)
    {
        var kind = _lives.Below(100);
        var length = IsHealed ? _lives.Between(1000, 20_000)
            : Plan.LongRenders && kind < 40 ? _lives.Between(600_000, 2_400_000)
            : kind < 80 ? _lives.Skewed(500, 60_000)
            : kind < 96 ? _lives.Between(30_000, 300_000)
            : _lives.Between(300_000, 1_500_000);
        var end = _lives.Below(100);
        return end switch
        {
            < 86 => (length, 0, 0),
            < 93 => (length, 1, 0),
            < 96 => (length, 1, 11),
            < 98 => (length, 33, 33),
            _ => (length, 286, 0),
        };
    }

    /// <summary>Puts a copy in place of the database, as it was some time ago.</summary>
    public void Restore(long ageMs)
    {
        Tally.Add("databases restored");
        var copy = new MemoryDatabase();
        var store = new MemoryStore(copy);
        store.TakeOverAsync("restore", CancellationToken.None).Forget();
        foreach (var changes in Truth.Restore(NowMs - ageMs))
        {
            store.CommitAsync(changes, CancellationToken.None).Forget();
        }

        Database = copy;
        Acknowledge.ForgetAll();
    }

    /// <summary>Runs events up to a time, or until a promise is broken.</summary>
    public void RunUntil(long ms)
    {
        while (Broken is null && Events.NextMs <= ms)
        {
            Step();
        }

        if (Broken is null)
        {
            Events.RunUntil(ms);
        }
    }

    /// <summary>Runs events until something holds. False if it did not by then.</summary>
    public bool RunUntil(long ms, Func<bool> holds)
    {
        while (Broken is null && Events.NextMs <= ms)
        {
            if (holds())
            {
                return true;
            }

            Step();
        }

        return Broken is null && holds();
    }

    private void Step()
    {
        Steps++;
        try
        {
            Events.RunNext();
        }
        catch (BrokenPromiseException broken)
        {
            Break(broken.Promise, broken.Message);
        }
    }

    /// <summary>Events run so far.</summary>
    public long Steps { get; private set; }
}
