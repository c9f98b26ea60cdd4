using System.Text.RegularExpressions;

namespace OpenCue.Farm.Scheduling;

/// <summary>
/// Whether a layer's tags match a host's. Whole tags are compared, without regard to case. OpenCue matches the joined tags as a regular expression,
/// so that <c>gen</c> also finds <c>general</c>; a site that relies on it can turn that on (<see cref="FarmSettings.MatchTagsAsPattern"/>).
/// </summary>
public sealed class TagMatcher(bool asPattern)
{
    /// <summary>More different lists of tags than a farm has at once; then patterns that nobody asks for any more are forgotten with the others.</summary>
    private const int MostPatterns = 2_000;

    private readonly Dictionary<ValueList<string>, Regex?> _patterns = [];

    /// <summary>True if tags are matched as a pattern.</summary>
    public bool AsPattern { get; } = asPattern;

    /// <summary>Number of patterns that it keeps.</summary>
    internal int Patterns => _patterns.Count;

    /// <summary>True if one of the layer's tags is on the host, or the layer has none.</summary>
    public bool Match(ValueList<string> layerTags, ValueList<string> hostTags)
    {
        if (layerTags.Count == 0)
        {
            return true;
        }

        if (AsPattern)
        {
            return Pattern(layerTags)?.IsMatch(string.Join(' ', hostTags)) ?? false;
        }

        foreach (var wanted in layerTags)
        {
            foreach (var tag in hostTags)
            {
                if (string.Equals(wanted, tag, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private Regex? Pattern(ValueList<string> tags)
    {
        if (!_patterns.TryGetValue(tags, out var pattern))
        {
            try
            {
                // No back-tracking: a layer's tags come from users and must not be able to stall the scheduler.
                pattern = new Regex(
                    string.Join('|', tags) + @"\b",
                    RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                // Tags that are no pattern match nothing, as they would raise an error on each query in OpenCue.
                pattern = null;
            }

            if (_patterns.Count == MostPatterns)
            {
                _patterns.Clear();
            }

            _patterns.Add(tags, pattern);
        }

        return pattern;
    }
}
