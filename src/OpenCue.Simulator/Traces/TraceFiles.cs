namespace OpenCue.Simulator.Traces;

internal static class TraceFiles
{
    public static Trace Read(string path) => SimJson.Read<Trace>(File.ReadAllText(path), path);
}
