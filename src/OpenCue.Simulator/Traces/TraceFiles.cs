using System.IO.Compression;
using System.Text;

namespace OpenCue.Simulator.Traces;

/// <summary>Reads and writes traces: a JSON file (<c>.json</c>, or <c>.json.gz</c> compressed), or a folder of CSV files.</summary>
internal static class TraceFiles
{
    /// <summary>Reads a trace and checks it.</summary>
    /// <exception cref="SimException">It can't be read, or is wrong; says where, and the way out.</exception>
    public static Trace Read(string path)
    {
        Trace trace;
        try
        {
            if (Directory.Exists(path))
            {
                trace = CsvTraceReader.Read(path);
            }
            else
            {
                using var stream = Open(path);
                trace = JsonTrace.Read(stream, path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new SimException($"The trace {path} can't be read: {e.Message}");
        }

        TraceCheck.Check(trace, path);
        return trace with { Jobs = [.. trace.Jobs.OrderBy(job => job.SubmitSeconds)] };
    }

    /// <summary>Writes a trace: as JSON if the path ends so, else as a folder of CSV files.</summary>
    /// <exception cref="SimException">It can't be written.</exception>
    public static void Write(Trace trace, string path)
    {
        try
        {
            if (IsJson(path))
            {
                using var writer = new StreamWriter(Create(path), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                JsonTrace.Write(trace, writer);
            }
            else
            {
                CsvTraceWriter.Write(trace, path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SimException($"The trace can't be written to {path}: {e.Message}");
        }
    }

    private static bool IsJson(string path) =>
        path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".json.gz", StringComparison.OrdinalIgnoreCase);

    private static bool IsCompressed(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    private static Stream Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new SimException($"There is no trace {path}. Make one with cue-sim trace make, or export one with cue-sim trace export.");
        }

        var file = File.OpenRead(path);
        return IsCompressed(path) ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    private static Stream Create(string path)
    {
        var file = File.Create(path);
        return IsCompressed(path) ? new GZipStream(file, CompressionLevel.Optimal) : file;
    }
}
