using System.Diagnostics.CodeAnalysis;

namespace OpenCue.Specs;

/// <summary>
/// OpenCue's rules for names. What a person writes is conformed (lower case, dashes made underscores) before it is used; a name
/// consists of at least three ASCII letters, digits, underscores and dots. The messages are OpenCue's own.
/// </summary>
public static class NameRules
{
    private const int ShortestName = 3;

    /// <summary>Conforms the name of a show that is being created.</summary>
    /// <exception cref="InvalidNameException">It cannot be made a name.</exception>
    public static string Show(string name) => Conform("show", name);

    /// <summary>Conforms the name of a shot.</summary>
    /// <exception cref="InvalidNameException">It cannot be made a name.</exception>
    public static string Shot(string name) => Conform("shot", name);

    /// <summary>Conforms the name of a layer.</summary>
    /// <exception cref="InvalidNameException">It cannot be made a name.</exception>
    public static string Layer(string name) => Conform("layer", name);

    /// <summary>
    /// The full name of a job, <c>show-shot-user_name</c> in lower case. A name that already begins with its own prefix stays as it is.
    /// The same rule reads the job names of depends.
    /// </summary>
    /// <param name="show">The show as the specification writes it.</param>
    /// <param name="shot">The conformed shot.</param>
    /// <param name="user">The user as the specification writes it.</param>
    /// <param name="name">The job's name, with or without the prefix.</param>
    /// <exception cref="InvalidNameException">The name cannot be conformed.</exception>
    public static string Job(string show, string shot, string user, string name)
    {
        if (name is null)
        {
            throw new InvalidNameException("Job names cannot be null");
        }

        var prefix = $"{show}-{shot}-{user}_";
        var suffix = name.StartsWith(prefix, StringComparison.Ordinal) ? name[(prefix.Length - 1)..] : name;
        suffix = CollapseUnderscores(ToLower(suffix)).Replace('-', '_');

        // Leading underscores count towards the length, but a name of nothing else would leave the bare prefix.
        if (!IsName(suffix) || suffix.Trim('_').Length == 0)
        {
            throw new InvalidNameException(
                $"The job name suffix: {Messages.Show(suffix)} must be composed of alpha numeric characters, periods, and underscores "
                + "and be at least 3 characters long");
        }

        return ToLower($"{prefix.TrimEnd('_')}_{suffix.TrimStart('_')}");
    }

    /// <summary>The most tags of a layer: what it costs to look for a host must not be up to whoever submits.</summary>
    public const int MostTags = 128;

    /// <summary>The longest tag, in characters.</summary>
    public const int LongestTag = 128;

    /// <summary>
    /// Whether a text may be a tag, or any other name that is taken as it is: three or more ASCII letters, digits, <c>_</c>, <c>.</c>,
    /// <c>-</c>.
    /// </summary>
    public static bool IsName([NotNullWhen(true)] string? text) => text is { Length: >= ShortestName } && text.All(IsNameCharacter);

    private static string Conform(string kind, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length < ShortestName)
        {
            throw new InvalidNameException($"The {kind} name must be at least 3 characters.");
        }

        var conformed = ToLower(name.Replace('-', '_'));
        if (!IsName(conformed))
        {
            var capital = char.ToUpperInvariant(kind[0]) + kind[1..];
            throw new InvalidNameException(
                $"The {kind} name: {Messages.Show(conformed)} is not in the proper format.  "
                + $"{capital} names must be alpha numeric, no dashes or punctuation.");
        }

        return conformed;
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-';

    // OpenCue's names are lower case on the wire and in paths; clients look them up so.
    [SuppressMessage("Globalization", "CA1308:Normalize strings to uppercase", Justification = "Names are lower case by OpenCue's rule.")]
    private static string ToLower(string text) => text.ToLowerInvariant();

    private static string CollapseUnderscores(string text)
    {
        while (text.Contains("__", StringComparison.Ordinal))
        {
            text = text.Replace("__", "_", StringComparison.Ordinal);
        }

        return text;
    }
}
