using System.Collections.Frozen;

namespace OpenCue.Specs.Launch.Reading;

/// <summary>
/// Finds the version of a specification in its document type. It is only checked: reading does not depend on it. The address is never
/// visited, and may therefore be any that ends in the name of a known document type.
/// </summary>
internal static class SpecVersions
{
    private const string Prefix = "cjsl-";
    private const string Ending = ".dtd";

    private static readonly FrozenSet<string> Known =
        FrozenSet.Create("1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "1.11", "1.12", "1.13", "1.14", "1.15");

    public static void Check(string name, string? systemId, Func<string, JobSpecException> error)
    {
        if (name != "spec")
        {
            throw error($"the document type is {Messages.Quote(name)}; that of a job specification is spec");
        }

        if (string.IsNullOrEmpty(systemId))
        {
            return;
        }

        var file = systemId[(systemId.LastIndexOf('/') + 1)..];
        if (!file.StartsWith(Prefix, StringComparison.Ordinal) || !file.EndsWith(Ending, StringComparison.Ordinal))
        {
            throw error($"the document type {Messages.Quote(systemId)} is not that of a job specification; it ends in {Prefix}1.15{Ending}");
        }

        var version = file[Prefix.Length..^Ending.Length];
        if (!Known.Contains(version))
        {
            throw error($"version {Messages.Quote(version)} of the job specification is not known; known are 1.5 to 1.15");
        }
    }
}
