using System.Reflection;

namespace OpenCue.Cuebot.Tests.Support;

/// <summary>Files of the repository that tests look at.</summary>
internal static class Repository
{
    /// <summary>The folder of the repository.</summary>
    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>Set to 1 to write documents anew instead of comparing them.</summary>
    private const string UpdateVariable = "OPENCUE_UPDATE_DOCS";

    /// <summary>Fails if a document that follows from the code differs from what is checked in; or writes it, if asked to.</summary>
    public static void CheckDocument(string path, string expected)
    {
        var file = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllText(file, expected);
            return;
        }

        var found = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.True(
            found == expected,
            $"{path} does not say what the code does. Run this test with {UpdateVariable}=1 to write it anew, look at the difference, and commit it.\n{Difference(found, expected)}");
    }

    private static string Difference(string found, string expected)
    {
        var (left, right) = (found.Split('\n'), expected.Split('\n'));
        return string.Join('\n', left.Except(right).Select(line => $"- {line}").Concat(right.Except(left).Select(line => $"+ {line}")).Take(40));
    }
}
