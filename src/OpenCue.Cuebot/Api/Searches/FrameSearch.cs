using System.Globalization;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Operations;
using OpenCue.Specs.Ranges;

namespace OpenCue.Cuebot.Api.Searches;

/// <summary>
/// A frame search inside one job or layer. Values of one field widen it, fields narrow it, an empty field does not restrict; case matters.
/// </summary>
internal sealed class FrameSearch
{
    private const double KibPerGib = 1048576;
    private const double SecondsPerHour = 3600;
    private const int LongestRange = 1_000_000;

    private readonly HashSet<EntityId>? _ids;
    private readonly HashSet<string>? _names;
    private readonly HashSet<string>? _layers;
    private readonly int? _states;
    private readonly (int First, int Last)? _numbers;
    private readonly FrameSet? _numberSet;
    private readonly (long Least, long Most)? _memoryKib;
    private readonly (long Least, long Most)? _seconds;
    private readonly long _changedAfterMs;

    private FrameSearch(Wire.FrameSearchCriteria criteria, bool withStates)
    {
        _ids = Criteria.Ids(criteria.Ids);
        _names = Criteria.Texts(criteria.Frames);
        _layers = Criteria.Texts(criteria.Layers);
        _states = withStates && criteria.States is { FrameStates.Count: > 0 } states
            ? states.FrameStates.Aggregate(0, (bits, state) => bits | (1 << (int)state))
            : null;
        (_numbers, _numberSet) = Numbers(criteria.FrameRange);
        _memoryKib = Range(criteria.MemoryRange, "memory_range", "GiB", KibPerGib);
        _seconds = Range(criteria.DurationRange, "duration_range", "hours", SecondsPerHour);
        _changedAfterMs = criteria.ChangeDate > 0 ? criteria.ChangeDate * 1000L : 0;
    }

    /// <summary>True if every frame of the layers it looks at matches.</summary>
    public bool TakesWholeLayers =>
        _ids is null && _names is null && _states is null && _numbers is null && _numberSet is null && _memoryKib is null && _seconds is null
        && _changedAfterMs == 0;

    /// <summary>Reads the criteria; none at all means all frames.</summary>
    /// <exception cref="FarmException">A range is none.</exception>
    public static FrameSearch Of(Wire.FrameSearchCriteria? criteria) => new(criteria ?? new Wire.FrameSearchCriteria(), withStates: true);

    /// <summary>The same without regard to states, as OpenCue reads the criteria of a kill: what does not run can't be killed anyhow.</summary>
    public static FrameSearch OfKill(Wire.FrameSearchCriteria? criteria) => new(criteria ?? new Wire.FrameSearchCriteria(), withStates: false);

    /// <summary>Whether frames of the layer can match at all.</summary>
    public bool LooksAt(Layer layer) => _layers is null || _layers.Contains(layer.Row.Name);

    /// <summary>Whether a frame of a layer that it looks at matches.</summary>
    public bool Matches(Layer layer, int ordinal, long nowMs)
    {
        ref readonly var frame = ref layer.Frames[ordinal];
        return (_states is not { } states || (states & (1 << (int)frame.State)) != 0)
            && (_numbers is not { } numbers || IsWithin(layer.Chunks.FirstFrame(ordinal), numbers))
            && (_numberSet is null || _numberSet.IndexOf(layer.Chunks.FirstFrame(ordinal)) >= 0)
            && (_ids is null || _ids.Contains(layer.FrameId(ordinal)))
            && (_names is null || _names.Contains(layer.FrameName(ordinal)))
            && (_changedAfterMs == 0 || FrameUsage.Of(layer, ordinal).ChangedAtMs > _changedAfterMs)
            && (_memoryKib is not { } memory || IsWithin(FrameUsage.Of(layer, ordinal).MaxRssKib, memory))
            && (_seconds is not { } seconds || (frame.State != FrameState.Waiting && IsWithin(SecondsOf(frame, nowMs), seconds)));
    }

    /// <summary>The frames of a job that match, as they follow one another.</summary>
    public List<FrameSpan> Select(Job job, long nowMs)
    {
        var spans = new List<FrameSpan>();
        foreach (var layer in job.Layers)
        {
            Select(layer, nowMs, spans);
        }

        return spans;
    }

    private void Select(Layer layer, long nowMs, List<FrameSpan> spans)
    {
        var count = layer.FrameCount;
        if (!LooksAt(layer))
        {
            return;
        }

        if (TakesWholeLayers)
        {
            spans.Add(new FrameSpan(layer.Id, 0, count));
            return;
        }

        var first = -1;
        for (var i = 0; i <= count; i++)
        {
            if (i < count && Matches(layer, i, nowMs))
            {
                first = first < 0 ? i : first;
            }
            else if (first >= 0)
            {
                spans.Add(new FrameSpan(layer.Id, first, i - first));
                first = -1;
            }
        }
    }

    private static long SecondsOf(in Frame frame, long nowMs) =>
        frame.StartedAtMs == 0 ? 0 : Math.Max(0, (frame.StoppedAtMs > 0 ? frame.StoppedAtMs : nowMs) - frame.StartedAtMs) / 1000;

    private static bool IsWithin(long value, (long Least, long Most) range) => value >= range.Least && value <= range.Most;

    private static bool IsWithin(int value, (int First, int Last) range) => value >= range.First && value <= range.Last;

    /// <summary><c>N</c> and <c>A-B</c> are bounds and cost nothing however far apart; anything else is a set of frame numbers.</summary>
    private static ((int First, int Last)? Bounds, FrameSet? Set) Numbers(string text)
    {
        if (text.Length == 0)
        {
            return (null, null);
        }

        var parts = text.Split('-');
        if (parts.Length <= 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last))
        {
            return ((Math.Min(first, last), Math.Max(first, last)), null);
        }

        return FrameSet.TryParse(text, LongestRange, out var set, out var error)
            ? (null, set)
            : throw FarmException.Invalid($"frame_range \"{text}\" is no frame range: {error}");
    }

    /// <summary><c>A-B</c> with both ends, or <c>A</c> for at least that.</summary>
    private static (long Least, long Most)? Range(string text, string field, string unit, double scale)
    {
        if (text.Length == 0)
        {
            return null;
        }

        var parts = text.Split('-');
        if (parts.Length > 2 || Amount(parts[0], scale) is not { } least || Amount(parts[^1], scale) is not { } most)
        {
            throw FarmException.Invalid($"{field} \"{text}\" is no range: write \"A-B\" or \"A\" for at least A, in {unit}, with a decimal point.");
        }

        return (least, parts.Length == 2 ? most : long.MaxValue);
    }

    private static long? Amount(string text, double scale) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value * scale < long.MaxValue
            ? (long)(value * scale)
            : null;
}
