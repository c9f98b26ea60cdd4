using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Limits;

/// <summary>What one token of a limit is for.</summary>
public enum LimitKind
{
    /// <summary>One running frame: OpenCue's limits, and licences that count processes.</summary>
    Frame = 0,

    /// <summary>One host, however many frames run there: licences that are bound to a machine.</summary>
    Host = 1,

    /// <summary>One user, however many frames run for them: named licences.</summary>
    User = 2,
}

/// <summary>A number of tokens, licences most of all, that frames of the layers under it may hold at once.</summary>
/// <remarks>
/// Runs are counted where they are attached and detached, so the counts are exact whatever happens to a run. They are kept by host and by user for
/// every kind: so the kind can be changed at any time.
/// </remarks>
public sealed class Limit(LimitRow row) : Entity<LimitRow>(row)
{
    private readonly Dictionary<EntityId, int> _byHost = [];
    private readonly Dictionary<string, int> _byUser = new(StringComparer.Ordinal);

    /// <summary>Number of running frames of layers under this limit.</summary>
    public int Running { get; private set; }

    /// <summary>Running frames by host.</summary>
    public IReadOnlyDictionary<EntityId, int> HoldersByHost => _byHost;

    /// <summary>Running frames by the user whose job they belong to.</summary>
    public IReadOnlyDictionary<string, int> HoldersByUser => _byUser;

    /// <summary>How many tokens the farm may hold: the maximum less what is held back for people outside of it.</summary>
    public int Capacity => Math.Max(0, Row.MaxValue - Row.Headroom);

    /// <summary>How many tokens the farm holds.</summary>
    public int Tokens => Row.Kind switch
    {
        LimitKind.Host => _byHost.Count,
        LimitKind.User => _byUser.Count,
        _ => Running,
    };

    /// <summary>Number of layers under it, those of finished jobs among them.</summary>
    public int LayerCount => Layers.Count;

    /// <summary>Layers under it.</summary>
    internal HashSet<Layer> Layers { get; } = [];

    /// <summary>
    /// Whether one more frame of the user may run on the host: it shares a token that is held there already, or one is free. While more are held
    /// than the farm may hold, because the maximum was lowered, nothing new starts at all until enough were given back.
    /// </summary>
    /// <param name="host">The host; null to ask whether any host would do.</param>
    /// <param name="user">The owner of the job.</param>
    public bool HasRoomFor(Host? host, string user)
    {
        var (tokens, capacity) = (Tokens, Capacity);
        return tokens < capacity || (tokens == capacity && SharesToken(host, user));
    }

    /// <summary>Whether a frame of the user on the host would need no token of its own.</summary>
    public bool SharesToken(Host? host, string user) => Row.Kind switch
    {
        LimitKind.Host => host is null ? _byHost.Count > 0 : _byHost.ContainsKey(host.Id),
        LimitKind.User => _byUser.ContainsKey(user),
        _ => false,
    };

    internal override void Attach(FarmModel farm)
    {
        farm.Limits.Add(this);
        foreach (var layer in Layers)
        {
            layer.LinkLimits(farm);
        }
    }

    /// <remarks>Layers keep its id in their rows and are free of it; undone, they are under it again.</remarks>
    internal override void Detach(FarmModel farm)
    {
        farm.Limits.Remove(this);
        foreach (var layer in Layers)
        {
            layer.Limits.Remove(this);
            farm.Marks.Layers.Add(layer);
        }
    }

    /// <inheritdoc/>
    protected override void OnRowChanged(FarmModel farm, LimitRow old)
    {
        farm.Limits.Rename(this, old.Name, Row.Name);
        if (old != Row with { Name = old.Name })
        {
            farm.Marks.Limits.Add(this);
        }

        if (old.Kind != Row.Kind)
        {
            // Those that were kept on hosts that hold a token may go anywhere now.
            farm.Marks.Layers.UnionWith(Layers);
        }
    }

    /// <summary>Counts a run that begins to be under this limit. True if its host or user holds a token from now on that others may share.</summary>
    internal bool Add(Run run)
    {
        Count(run, 1);
        return Row.Kind switch
        {
            LimitKind.Host => _byHost[run.Host.Id] == 1,
            LimitKind.User => _byUser[run.Layer.Job.Row.User] == 1,
            _ => false,
        };
    }

    /// <summary>Counts a run that is under this limit no more. True if its token is given back.</summary>
    internal bool Remove(Run run)
    {
        Count(run, -1);
        return !SharesToken(run.Host, run.Layer.Job.Row.User);
    }

    private void Count(Run run, int by)
    {
        Running += by;
        Count(_byHost, run.Host.Id, by);
        Count(_byUser, run.Layer.Job.Row.User, by);
    }

    private static void Count<TKey>(Dictionary<TKey, int> counts, TKey key, int by)
        where TKey : notnull
    {
        var count = counts.GetValueOrDefault(key) + by;
        if (count == 0)
        {
            counts.Remove(key);
        }
        else
        {
            counts[key] = count;
        }
    }
}

/// <summary>What is stored of a limit.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Name">Unique name.</param>
/// <param name="MaxValue">How many tokens there are.</param>
/// <param name="Kind">What one token is for.</param>
/// <param name="Headroom">How many of them the farm leaves alone, for people who work interactively.</param>
public sealed record LimitRow(EntityId Id, string Name, int MaxValue, LimitKind Kind = LimitKind.Frame, int Headroom = 0) : INamedRow;
