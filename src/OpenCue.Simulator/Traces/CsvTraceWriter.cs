using System.Text;
using OpenCue.Specs.Ranges;

namespace OpenCue.Simulator.Traces;

/// <summary>Writes a trace as a folder of CSV files: one for each thing, for spreadsheets and scripts.</summary>
internal static class CsvTraceWriter
{
    /// <summary>Writes it; the folder is made if it is not there.</summary>
    public static void Write(Trace trace, string folder)
    {
        Directory.CreateDirectory(folder);
        using (var head = New(folder, TraceColumns.HeadFile))
        {
            JsonTrace.Write(trace with { Jobs = [] }, head);
        }

        using (var jobs = New(folder, TraceColumns.JobsFile, TraceColumns.Jobs))
        {
            foreach (var job in trace.Jobs)
            {
                Row(
                    jobs, job.Id, job.Name, job.Show, job.User, job.SubmitSeconds, job.Shot, job.Group, job.Facility, job.Os, job.Priority, job.MaxCores, job.MaxGpus,
                    job.Retries);
            }
        }

        using (var layers = New(folder, TraceColumns.LayersFile, TraceColumns.Layers))
        {
            foreach (var (job, layer) in trace.Jobs.SelectMany(job => job.Layers.Select(layer => (job, layer))))
            {
                Row(
                    layers, job.Id, layer.Name, layer.Range, layer.Chunk, layer.Cores, layer.Threadable ? 1 : 0, layer.MemoryKib, layer.Gpus, layer.GpuMemoryKib,
                    string.Join('|', layer.Tags), string.Join('|', layer.Limits), string.Join('|', layer.Services));
            }
        }

        using (var depends = New(folder, TraceColumns.DependsFile, TraceColumns.Depends))
        {
            foreach (var (job, depend) in trace.Jobs.SelectMany(job => job.Depends.Select(depend => (job, depend))))
            {
                Row(depends, job.Id, depend.Type, depend.Layer, depend.Frame, depend.OnJob, depend.OnLayer, depend.OnFrame, depend.AnyFrame ? 1 : 0);
            }
        }

        using var frames = New(folder, TraceColumns.FramesFile, TraceColumns.Frames);
        foreach (var (job, layer) in trace.Jobs.SelectMany(job => job.Layers.Select(layer => (job, layer))))
        {
            var chunks = FrameChunks.Of(FrameSet.Parse(layer.Range), layer.Chunk);
            for (var ordinal = 0; ordinal < layer.Frames.Count; ordinal++)
            {
                foreach (var run in layer.Frames[ordinal])
                {
                    Row(frames, job.Id, layer.Name, chunks.FirstFrame(ordinal), run.Seconds, run.PeakKib, run.Exit);
                }
            }
        }
    }

    private static StreamWriter New(string folder, string file, params string[] columns)
    {
        var writer = new StreamWriter(Path.Combine(folder, file), append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        if (columns.Length > 0)
        {
            writer.Write(string.Join(',', columns) + "\n");
        }

        return writer;
    }

    private static void Row(TextWriter to, params IEnumerable<object?> fields)
    {
        to.Write(string.Join(',', fields.Select(field => Quoted(Convert.ToString(field, CultureInfo.InvariantCulture) ?? ""))));
        to.Write('\n');
    }

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
