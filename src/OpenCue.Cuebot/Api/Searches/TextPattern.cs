using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenCue.Cuebot.Api.Searches;

/// <summary>
/// The patterns of searches. They run outside of the engine, and with a bound on their time: a pattern comes from anybody.
/// </summary>
internal static class TextPattern
{
    /// <summary>The longest pattern; a name has no more.</summary>
    private const int LongestPattern = 1024;

    private static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(100);

    /// <summary>A regular expression, case-sensitive, matched anywhere in the name, as PostgreSQL's <c>~</c> does it for OpenCue.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="field">The field it comes from, for the message.</param>
    /// <exception cref="FarmException">It is none, or too long.</exception>
    public static Func<string, bool> Regular(string pattern, string field)
    {
        CheckLength(pattern, field);
        Regex regex;
        try
        {
            regex = MakeRegex(pattern);
        }
        catch (ArgumentException e)
        {
            throw FarmException.Invalid($"{field} \"{pattern}\" is no regular expression: {e.Message}");
        }

        return text =>
        {
            try
            {
                return regex.IsMatch(text);
            }
            catch (RegexMatchTimeoutException)
            {
                throw FarmException.Invalid(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{field} \"{pattern}\" takes more than {LongestMatch.TotalMilliseconds} ms for one name; write it without nested repetitions."));
            }
        };
    }

    /// <summary>
    /// A part of the name, as SQL's LIKE takes it for OpenCue: <c>%</c> stands for anything, <c>_</c> for one character, a backslash takes the
    /// next character as it is.
    /// </summary>
    public static Func<string, bool> Substring(string part, string field)
    {
        CheckLength(part, field);
        if (part.IndexOfAny(['%', '_', '\\']) < 0)
        {
            return text => text.Contains(part, StringComparison.Ordinal);
        }

        var pattern = new System.Text.StringBuilder("(?s)");
        for (var i = 0; i < part.Length; i++)
        {
            pattern.Append(part[i] switch
            {
                '%' => ".*",
                '_' => ".",
                '\\' when i + 1 < part.Length => Regex.Escape(part[++i].ToString()),
                var other => Regex.Escape(other.ToString()),
            });
        }

        // No look-around or back reference can be in it, so it runs in time linear in the name.
        return new Regex(pattern.ToString(), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking).IsMatch;
    }

    /// <summary>True for texts that one of the patterns matches; null for no pattern, which restricts nothing.</summary>
    public static Func<string, bool>? Any(IReadOnlyCollection<string> patterns, string field, Func<string, string, Func<string, bool>> read)
    {
        if (patterns.Count == 0)
        {
            return null;
        }

        var matchers = patterns.Select(pattern => read(pattern, field)).ToArray();
        return text => Array.Exists(matchers, matches => matches(text));
    }

    private static Regex MakeRegex(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, LongestMatch);
        }
        catch (NotSupportedException)
        {
            // Look-around and back references need the engine that goes back; it has the time bound.
            return new Regex(pattern, RegexOptions.CultureInvariant, LongestMatch);
        }
    }

    private static void CheckLength(string pattern, string field)
    {
        if (pattern.Length > LongestPattern)
        {
            throw FarmException.Invalid(string.Create(
                CultureInfo.InvariantCulture, $"{field} has {pattern.Length} characters; {LongestPattern} are the most."));
        }
    }
}
