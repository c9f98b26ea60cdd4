namespace OpenCue.Simulator.Commands;

/// <summary>Files that a command writes.</summary>
internal static class Files
{
    /// <summary>Writes a text file.</summary>
    /// <exception cref="SimException">It can't be written.</exception>
    public static void Write(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SimException($"{path} can't be written: {e.Message}");
        }
    }
}
