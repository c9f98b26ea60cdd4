using OpenCue.Farm.Facilities;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Scheduling.Policies;

/// <summary>
/// The policies that there are, and which of them orders the work of which facility: the one that the facility names
/// (<see cref="FacilityRow.SchedulingPolicy"/>), else the site's default.
/// </summary>
/// <remarks>
/// What it hands out is guarded: a policy that throws, ranks a show with NaN, never answers the same twice, or takes whole slices to begin a pass, is noted in
/// <see cref="Failures"/> and left out for the rest of the pass, and PRIORITY_ONLY answers instead. Later passes try it again after a second, and if it goes
/// on failing after twice as long each time, up to a minute: each try ranks all work anew. It belongs to the writer.
/// </remarks>
public sealed class SchedulingPolicies
{
    private const long ShortestRestMs = 1000;
    private const long LongestRestMs = 60_000;

    /// <summary>So many slices in a row may be over when a policy has begun the pass: one may be because of something else on the machine.</summary>
    private const int MostSlowBegins = 8;

    private readonly Dictionary<string, GuardedPolicy> _policies = new(StringComparer.OrdinalIgnoreCase);
    private readonly PriorityPolicy _fallback = new();

    /// <summary>The built-in policies and those of the site.</summary>
    /// <param name="own">The site's own ones.</param>
    /// <param name="siteDefault">The name of the policy of facilities that name none; null or empty for PRIORITY_ONLY.</param>
    /// <exception cref="ArgumentException">Two have one name, or <paramref name="siteDefault"/> is none of them; says which there are.</exception>
    public SchedulingPolicies(IEnumerable<ISchedulingPolicy>? own = null, string? siteDefault = null)
    {
        var builtIn = BuiltIn().ToList();
        foreach (var policy in builtIn.Concat(own ?? []))
        {
            if (!_policies.TryAdd(policy.Name, new GuardedPolicy(policy, this, isOwn: !builtIn.Contains(policy))))
            {
                throw new ArgumentException($"Two scheduling policies are named {policy.Name}.", nameof(own));
            }
        }

        DefaultName = string.IsNullOrEmpty(siteDefault) ? _fallback.Name
            : _policies.TryGetValue(siteDefault, out var found) ? found.Name
            : throw new ArgumentException($"There is no scheduling policy {siteDefault}. There are {string.Join(", ", Names)}.", nameof(siteDefault));
    }

    /// <summary>Called when a policy has failed, on the writer.</summary>
    public Action<PolicyFailure>? OnFailure { get; set; }

    /// <summary>The policy of facilities that name none.</summary>
    public string DefaultName { get; }

    /// <summary>All names, sorted.</summary>
    public IEnumerable<string> Names => _policies.Values.Select(p => p.Name).Order(StringComparer.Ordinal);

    /// <summary>All policies, by name.</summary>
    public IEnumerable<ISchedulingPolicy> All => _policies.Values.OrderBy(p => p.Name, StringComparer.Ordinal);

    /// <summary>The last failure of each policy that ever failed since the server started.</summary>
    public IEnumerable<PolicyFailure> Failures => _policies.Values.Select(p => p.LastFailure).OfType<PolicyFailure>();

    /// <summary>The last failure of the policy, or null if there is none.</summary>
    public PolicyFailure? FailureOf(string name) => _policies.TryGetValue(name, out var policy) ? policy.LastFailure : null;

    /// <summary>The name of the policy as it is written here, or null if there is none. Upper and lower case are the same.</summary>
    public string? FindName(string name) => _policies.TryGetValue(name, out var policy) ? policy.Name : null;

    /// <summary>
    /// The name of the policy that the facility has. A facility that names one which is not there any more has the default.
    /// </summary>
    public string NameFor(Facility facility) => Guarded(facility).Name;

    /// <summary>The facility's policy, guarded.</summary>
    public ISchedulingPolicy For(Facility facility) => Guarded(facility);

    /// <summary>Whether the facility's policy ever has places given up (<c>GivesUp</c>): then it is worth asking.</summary>
    public bool GivesUp(Facility facility) => Guarded(facility).HasGivesUp;

    /// <summary>A policy was left out or taken in again, so that all work must be ranked anew.</summary>
    internal bool RanksMoved { get; private set; }

    /// <summary>
    /// Starts a pass. True if a policy was left out or taken in again since the last one, so that all work must be ranked anew.
    /// </summary>
    /// <param name="farm">The farm.</param>
    /// <param name="now">The time.</param>
    /// <param name="mayGoOn">Whether time is left: a policy that uses it up again and again before anything was looked at is left out, too.</param>
    public bool BeginPass(FarmModel farm, FarmTime now, Func<bool>? mayGoOn = null)
    {
        var inUse = farm.Facilities.All.Select(Guarded).Distinct().ToList();
        foreach (var policy in inUse)
        {
            policy.Begin(farm, now, mayGoOn);
        }

        return TakeRanksMoved();
    }

    /// <summary>Whether a policy was left out or taken in again since this was asked.</summary>
    internal bool TakeRanksMoved()
    {
        var moved = RanksMoved;
        RanksMoved = false;
        return moved;
    }

    /// <summary>Leaves the facility's policy out, if it is one of the site's own, for what its answers, one by one, do not show.</summary>
    internal void Fail(Facility facility, string why)
    {
        if (Guarded(facility) is { IsOwn: true } policy)
        {
            policy.Fail(new InvalidOperationException(why));
        }
    }

    private static IEnumerable<ISchedulingPolicy> BuiltIn() => [new PriorityPolicy(), new FifoPolicy(), new BalancedPolicy(), new FairSharePolicy()];

    private GuardedPolicy Guarded(Facility facility)
    {
        var name = facility.Row.SchedulingPolicy;
        return _policies.TryGetValue(name.Length > 0 ? name : DefaultName, out var policy) ? policy : _policies[DefaultName];
    }

    /// <summary>A policy whose failures end here.</summary>
    private sealed class GuardedPolicy(ISchedulingPolicy policy, SchedulingPolicies owner, bool isOwn) : ISchedulingPolicy
    {
        private FarmTime _now;
        private bool _isOut;
        private long _restMs = ShortestRestMs;
        private int _slowBegins;

        /// <summary>Whether the class says anything about it itself.</summary>
        public bool HasGivesUp { get; } = Implements(policy.GetType(), nameof(ISchedulingPolicy.GivesUp));

        public bool IsOwn => isOwn;

        public PolicyFailure? LastFailure { get; private set; }

        public string Name { get; } = policy.Name;

        public string Description => policy.Description;

        public long? RankAgainAfterMs => Ask(static (p, _) => p.RankAgainAfterMs, 0);

        public void Begin(FarmModel farm, FarmTime now) => Begin(farm, now, mayGoOn: null);

        public void Begin(FarmModel farm, FarmTime now, Func<bool>? mayGoOn)
        {
            _now = now;
            if (_isOut)
            {
                if (now.EngineMs - LastFailure!.EngineMs < _restMs)
                {
                    return;
                }

                _isOut = false;
                owner.RanksMoved = true;
            }

            var isWatched = isOwn && mayGoOn?.Invoke() == true;
            Ask(static (p, question) => p.Begin(question.farm, question.now), (farm, now));
            if (isWatched)
            {
                _slowBegins = mayGoOn!() ? 0 : _slowBegins + 1; // Asked before, so it is there.
                if (_slowBegins == MostSlowBegins)
                {
                    _slowBegins = 0;
                    Fail(new InvalidOperationException("Begin takes longer than a slice of a pass may. It must be cheap: it is called at the start of each."));
                }
            }
        }

        public double ShowRank(Show show, Allocation allocation) => Ask(
            static (p, question) => p.ShowRank(question.show, question.allocation) is var rank && !double.IsNaN(rank)
                ? rank
                : throw new InvalidOperationException($"It ranked the show {question.show.Row.Name} with NaN."),
            (show, allocation));

        public JobRank RankOf(Job job, FarmTime now) => Ask(static (p, question) => p.RankOf(question.job, question.now), (job, now));

        public bool GivesUp(Show holder, Show needy, Allocation allocation, int corePoints) => Ask(
            static (p, question) => p.GivesUp(question.holder, question.needy, question.allocation, question.corePoints),
            (holder, needy, allocation, corePoints));

        public bool GivesUp(Group holder, Group needy, Allocation allocation, int corePoints) => Ask(
            static (p, question) => p.GivesUp(question.holder, question.needy, question.allocation, question.corePoints),
            (holder, needy, allocation, corePoints));

        public void Fail(Exception exception)
        {
            if (_isOut)
            {
                return;
            }

            _isOut = true;
            owner.RanksMoved = true;
            _restMs = LastFailure is { } last && _now.EngineMs - last.EngineMs < 2 * LongestRestMs ? Math.Min(2 * _restMs, LongestRestMs) : ShortestRestMs;
            LastFailure = new PolicyFailure(
                Name, Describe(exception), _now.EngineMs, _now.WallMs, (LastFailure?.Count ?? 0) + 1);
            owner.OnFailure?.Invoke(LastFailure);
        }

        private TAnswer Ask<TQuestion, TAnswer>(Func<ISchedulingPolicy, TQuestion, TAnswer> ask, TQuestion question)
        {
            if (!_isOut)
            {
                try
                {
                    return ask(policy, question);
                }
#pragma warning disable CA1031 // Whatever a site's class throws: the farm goes on.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    Fail(e);
                }
            }

            return ask(owner._fallback, question);
        }

        private void Ask<TQuestion>(Action<ISchedulingPolicy, TQuestion> tell, TQuestion question) =>
            Ask(
                static (p, told) =>
                {
                    told.tell(p, told.question);
                    return true;
                },
                (tell, question));

        private static bool Implements(Type type, string method)
        {
            var map = type.GetInterfaceMap(typeof(ISchedulingPolicy));
            return map.InterfaceMethods.Zip(map.TargetMethods).Any(m => m.First.Name == method && m.Second.DeclaringType != typeof(ISchedulingPolicy));
        }

        /// <summary>What it threw, and where: who wrote it has to find it.</summary>
        private static string Describe(Exception exception)
        {
            var place = exception.StackTrace?.Split('\n')[0].Trim();
            return $"{exception.GetType().Name}: {exception.Message}{(place is null ? "" : $" ({place})")}";
        }
    }
}

/// <summary>That a policy threw, or could not be worked with.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="Message">The exception's type and message, and where it was thrown; or what is wrong with its answers.</param>
/// <param name="EngineMs">When, engine time.</param>
/// <param name="WallMs">When, ms since 1970.</param>
/// <param name="Count">How often it has failed since the server started.</param>
public sealed record PolicyFailure(string Policy, string Message, long EngineMs, long WallMs, long Count);
