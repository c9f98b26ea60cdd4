namespace OpenCue.Simulator.Tests.Traces;

/// <summary>A folder for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cue-sim-");

    /// <summary>A path in it.</summary>
    public string this[string name] => Path.Combine(_folder.FullName, name);

    /// <summary>Replaces text in a file.</summary>
    public void Edit(string name, string from, string to)
    {
        var text = File.ReadAllText(this[name]);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(this[name], text.Replace(from, to, StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
