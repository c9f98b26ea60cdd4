using System.Numerics;
using OpenCue.Farm.Hosts;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>All hosts of the farm, by whether they would take a frame of a layer.</summary>
public sealed record HostCount
{
    /// <summary>All hosts.</summary>
    public int Hosts { get; init; }

    /// <summary>Hosts that could take one if they were empty and well.</summary>
    public int Able { get; init; }

    /// <summary>Hosts that would take one now.</summary>
    public int Ready { get; init; }

    /// <summary>What the others lack, in the order in which they are counted.</summary>
    public IReadOnlyList<HostRemoval> Removed { get; init; } = [];

    /// <summary>The host that is closest to taking one; null if one would.</summary>
    public NearestMiss? Nearest { get; init; }
}

/// <summary>Hosts that lack something.</summary>
/// <param name="Lack">What they lack.</param>
/// <param name="Hosts">Those that lack this, and nothing that comes before it.</param>
/// <param name="All">Those that lack this, whatever else.</param>
/// <param name="Only">Those that lack this and nothing else.</param>
/// <param name="Least">The smallest amount that one of them lacks: core points, KiB or GPUs; 0 for what has no amount.</param>
/// <param name="Host">The name of that one.</param>
/// <param name="Text">The same in words.</param>
public sealed record HostRemoval(HostLack Lack, int Hosts, int All, int Only, long Least, string Host, string Text);

/// <summary>The host that is closest to taking a frame.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Lacks">What it lacks.</param>
/// <param name="Alike">How many hosts lack just the same things, itself too.</param>
/// <param name="Text">The same in words.</param>
public sealed record NearestMiss(string Host, IReadOnlyList<HostLack> Lacks, int Alike, string Text);

/// <summary>Counts hosts, one after the other, by what they lack for a frame.</summary>
internal sealed class HostCounter(Seeker seeker)
{
    private const int Kinds = 64;

    private readonly int[] _first = new int[Kinds];
    private readonly int[] _all = new int[Kinds];
    private readonly int[] _only = new int[Kinds];
    private readonly (long Amount, Host? Host)[] _least = new (long, Host?)[Kinds];
    private readonly Dictionary<ulong, int> _alike = [];
    private readonly Host?[] _sample = new Host?[Kinds];
    private readonly int[] _lasting = new int[Kinds];
    private readonly (long Amount, Host? Host)[] _closest = new (long, Host?)[Kinds];
    private (double Distance, Host Host, HostLacks Lacks)? _nearest;
    private int _hosts;
    private int _able;
    private int _ready;
    private int _readyOnKept;

    /// <summary>Who looks.</summary>
    public Seeker Seeker { get; } = seeker;

    /// <summary>Hosts that lack this and nothing else.</summary>
    public int Only(HostLack lack) => _only[(int)lack];

    /// <summary>Hosts that lack this, and nothing that comes before it.</summary>
    public int First(HostLack lack) => _first[(int)lack];

    /// <summary>A host that lacks this and nothing else.</summary>
    public Host? Sample(HostLack lack) => _sample[(int)lack];

    /// <summary>Hosts that would be able but for this, with the one that is closest.</summary>
    public (int Hosts, Host? Closest) AbleBut(HostLack lack) => (_lasting[(int)lack], _closest[(int)lack].Host);

    /// <summary>All hosts.</summary>
    public int Hosts => _hosts;

    /// <summary>Hosts that could take the frame if they were empty and well.</summary>
    public int Able => _able;

    /// <summary>Hosts that would take the frame now.</summary>
    public int Ready => _ready;

    /// <summary>True if those that would take it are all kept for others, and it would end before they are needed.</summary>
    public bool IsReadyOnKeptAlone => _ready > 0 && _readyOnKept == _ready;

    /// <summary>Hosts that the show may use at all.</summary>
    public int Usable => _hosts - _first[(int)HostLack.Facility] - _first[(int)HostLack.Subscription];

    /// <summary>Looks at one host.</summary>
    public void Add(Host host)
    {
        var found = Seeker.Look(host);
        _hosts++;
        if (found.IsReady)
        {
            _readyOnKept += Seeker.IsKept(host) ? 1 : 0;
            _ready++;
            _able++;
            return;
        }

        _first[(int)found.First]++;
        if (found.IsAble)
        {
            _able++;
        }
        else if (BitOperations.IsPow2(found.Lacks & HostLacks.Lasting))
        {
            var amount = found.Amount(found.First);
            ref var closest = ref _closest[(int)found.First];
            closest = closest.Host is null || amount < closest.Amount ? (amount, host) : closest;
            _lasting[(int)found.First]++;
        }

        for (var rest = found.Lacks; rest != 0; rest &= rest - 1)
        {
            var lack = BitOperations.TrailingZeroCount(rest);
            _all[lack]++;
            if (BitOperations.IsPow2(found.Lacks))
            {
                _only[lack]++;
                _sample[lack] ??= host;
            }

            var amount = found.Amount((HostLack)lack);
            if (_least[lack].Host is null || amount < _least[lack].Amount)
            {
                _least[lack] = (amount, host);
            }
        }

        _alike[found.Lacks] = _alike.GetValueOrDefault(found.Lacks) + 1;
        var distance = Distance(found);
        if (_nearest is not { } nearest || distance < nearest.Distance)
        {
            _nearest = (distance, host, found);
        }
    }

    /// <summary>What was found.</summary>
    public HostCount Count() => new()
    {
        Hosts = _hosts,
        Able = _able,
        Ready = _ready,
        Removed = [.. Enumerable.Range(1, Kinds - 1).Where(lack => _all[lack] > 0).Select(lack => Removal((HostLack)lack))],
        Nearest = _ready > 0 || _nearest is not { } nearest ? null : Miss(nearest.Host, nearest.Lacks),
    };

    private HostRemoval Removal(HostLack lack)
    {
        var (amount, host) = _least[(int)lack];
        var name = host?.Row.Name ?? "";
        return new HostRemoval(
            lack, _first[(int)lack], _all[(int)lack], _only[(int)lack], amount, name, LackTexts.Of(lack, _first[(int)lack], amount, name, Seeker));
    }

    private NearestMiss Miss(Host host, HostLacks lacks)
    {
        var list = Enumerable.Range(1, Kinds - 1).Select(i => (HostLack)i).Where(lacks.Has).ToList();
        var alike = _alike[lacks.Lacks];
        var what = string.Join(" and ", list.Select(lack => LackTexts.What(lack, lacks.Amount(lack), Seeker, host)));
        var text = alike == 1 || list.TrueForAll(lack => lacks.Amount(lack) == 0)
            ? $"{host.Row.Name} {what}"
            : $"{Amounts.Count(alike, "host")} lack{(alike == 1 ? "s" : "")} {LackTexts.Names(list)}; the nearest is {host.Row.Name}, which {what}";
        return new NearestMiss(host.Row.Name, list, alike, text);
    }

    /// <summary>
    /// How far a host is from taking the frame. What is short by a part counts less than one; what somebody must mend, more; what the host is not, most.
    /// </summary>
    private double Distance(HostLacks found)
    {
        var need = Seeker.Requirement;
        var distance = 0.0;
        for (var rest = found.Lacks; rest != 0; rest &= rest - 1)
        {
            var lack = (HostLack)BitOperations.TrailingZeroCount(rest);
            distance += lack switch
            {
                HostLack.Facility => 10_000,
                HostLack.Subscription => 5_000,
                HostLack.Os or HostLack.ThreadMode or HostLack.Tags or HostLack.KeptForGpu => 1_000,
                HostLack.TotalCores => 100 + Part(found.Short.CorePoints, need.MinCores),
                HostLack.TotalMemory => 100 + Part(found.Short.MemoryKib, need.MinMemoryKib),
                HostLack.TotalGpus => 100 + Part(found.Short.Gpus, need.MinGpus),
                HostLack.TotalGpuMemory => 100 + Part(found.Short.GpuMemoryKib, need.MinGpuMemoryKib),
                HostLack.Cores => Part(found.Short.CorePoints, need.MinCores),
                HostLack.Memory => Part(found.Short.MemoryKib, need.MinMemoryKib),
                HostLack.Gpus => Part(found.Short.Gpus, need.MinGpus),
                HostLack.GpuMemory => Part(found.Short.GpuMemoryKib, need.MinGpuMemoryKib),
                HostLack.Up or HostLack.Unlocked or HostLack.Temp or HostLack.FreeMemory => 10,
                _ => 1,
            };
        }

        return distance;
    }

    private static double Part(long missing, long of) => of > 0 ? Math.Min(1.0, missing / (double)of) : 1;
}
