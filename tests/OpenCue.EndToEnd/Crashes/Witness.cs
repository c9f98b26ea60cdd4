namespace OpenCue.EndToEnd.Crashes;

/// <summary>What frames said of themselves, apart from all that server and agents claim.</summary>
internal sealed class Witness
{
    public Witness(string folder)
    {
        Folder = folder;
        Directory.CreateDirectory(Path.Combine(folder, "locks"));
        Script = Path.Combine(folder, "witness.sh");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Crashes", "witness.sh"), Script);

        // Frames run as another user where the agent is root.
        const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
        File.SetUnixFileMode(Script, Everybody);
        File.SetUnixFileMode(folder, Everybody);
        File.SetUnixFileMode(Path.Combine(folder, "locks"), Everybody);
    }

    public string Folder { get; }

    public string Script { get; }

    /// <summary>Frames of which two runs were under way at once.</summary>
    public IReadOnlyList<string> Doubles => Lines("doubles");

    /// <summary>How often each frame started.</summary>
    public Dictionary<string, int> Starts() =>
        Lines("log").Where(l => l.StartsWith("start ", StringComparison.Ordinal)).CountBy(l => l.Split(' ')[1]).ToDictionary();

    /// <summary>The statuses with which each frame ended, in order.</summary>
    public Dictionary<string, List<int>> Ends()
    {
        var ends = new Dictionary<string, List<int>>();
        foreach (var words in Lines("log").Select(l => l.Split(' ')).Where(w => w[0] == "end"))
        {
            if (!ends.TryGetValue(words[1], out var statuses))
            {
                ends.Add(words[1], statuses = []);
            }

            statuses.Add(int.Parse(words[2]));
        }

        return ends;
    }

    private string[] Lines(string file)
    {
        var path = Path.Combine(Folder, file);
        return File.Exists(path) ? File.ReadAllLines(path) : [];
    }
}
