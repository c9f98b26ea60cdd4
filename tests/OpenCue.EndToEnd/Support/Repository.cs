namespace OpenCue.EndToEnd.Support;

/// <summary>Where things of this repository are.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The build output of a project, in the configuration that this test was built in.</summary>
    public static string Assembly(string project, string assembly)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var path = Path.Combine(Root, "src", project, "bin", configuration, "net10.0", assembly + ".dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built; run ./test, or dotnet build OpenCue.slnx.");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OpenCue.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No OpenCue.slnx above {AppContext.BaseDirectory}.");
    }
}
