using OpenCue.Specs.Ranges;

namespace OpenCue.Simulator.Traces;

/// <summary>Reads a trace from a folder of CSV files.</summary>
internal sealed class CsvTraceReader
{
    private readonly string _folder;
    private readonly Dictionary<string, List<TraceLayer>> _layers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<TraceDepend>> _depends = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Job, string Layer), (FrameChunks Chunks, List<TraceRun>?[] Frames)> _frames = [];

    private CsvTraceReader(string folder) => _folder = folder;

    /// <summary>Reads it.</summary>
    /// <exception cref="SimException">It is no trace; says file, line and column.</exception>
    public static Trace Read(string folder) => new CsvTraceReader(folder).Read();

    private Trace Read()
    {
        var headFile = Path.Combine(_folder, TraceColumns.HeadFile);
        if (!File.Exists(headFile))
        {
            throw new SimException(
                $"{_folder} has no {TraceColumns.HeadFile}: it says what the trace is, as {{\"format\": \"{Trace.FormatName}\", \"version\": 1, \"name\": \"week 12\", "
                + "\"start\": \"2030-01-07T00:00:00Z\", \"jobs\": []}.");
        }

        using var stream = File.OpenRead(headFile);
        var head = JsonTrace.Read(stream, headFile);
        if (head.Jobs.Count > 0)
        {
            throw new SimException($"{headFile} has jobs; those of a folder of CSV files are in {TraceColumns.JobsFile}.");
        }

        var jobs = ReadJobs();
        ReadLayers();
        ReadDepends();
        ReadFrames();
        return head with { Jobs = [.. jobs.Select(Whole)] };
    }

    private List<TraceJob> ReadJobs()
    {
        using var file = Open(TraceColumns.JobsFile, TraceColumns.Jobs, TraceColumns.JobsNeeded);
        var jobs = new List<TraceJob>();
        while (file.Read())
        {
            var id = file.Needed("job");
            if (!_layers.TryAdd(id, []))
            {
                throw file.Wrong("job", $"there is another job '{id}' above");
            }

            _depends.Add(id, []);
            jobs.Add(new TraceJob
            {
                Id = id,
                Name = file.Needed("name"),
                Show = file.Needed("show"),
                User = file.Needed("user"),
                SubmitSeconds = file.Decimal("submit_seconds"),
                Shot = file.Text("shot") is { Length: > 0 } shot ? shot : "shot",
                Group = file.Text("group"),
                Facility = file.Text("facility"),
                Os = file.Text("os"),
                Priority = file.Int("priority", 1),
                MaxCores = file.Int("max_cores", 0),
                MaxGpus = file.Int("max_gpus", 0),
                Retries = file.Int("retries", 1),
                Layers = [],
            });
        }

        return jobs;
    }

    private void ReadLayers()
    {
        using var file = Open(TraceColumns.LayersFile, TraceColumns.Layers, TraceColumns.LayersNeeded);
        while (file.Read())
        {
            var (job, name, range) = (JobOf(file, "job"), file.Needed("layer"), file.Needed("range"));
            var chunk = file.Int("chunk", 1);
            if (!FrameSet.TryParse(range, FrameSet.DefaultMaxFrames, out var set, out var error))
            {
                throw file.Wrong("range", error);
            }

            if (chunk < 1)
            {
                throw file.Wrong("chunk", $"{chunk} is below 1");
            }

            var chunks = FrameChunks.Of(set, chunk);
            if (!_frames.TryAdd((job, name), (chunks, new List<TraceRun>?[chunks.Count])))
            {
                throw file.Wrong("layer", $"the job {job} has another layer '{name}' above");
            }

            _layers[job].Add(new TraceLayer
            {
                Name = name,
                Range = range,
                Chunk = chunk,
                Cores = file.Decimal("cores", 1),
                Threadable = file.Bool("threadable", true),
                MemoryKib = file.Long("memory_kib", 4 * 1048576),
                Gpus = file.Int("gpus", 0),
                GpuMemoryKib = file.Long("gpu_memory_kib", 0),
                Tags = file.List("tags"),
                Limits = file.List("limits"),
                Services = file.List("services"),
                Frames = [],
            });
        }
    }

    private void ReadDepends()
    {
        if (!File.Exists(Path.Combine(_folder, TraceColumns.DependsFile)))
        {
            return;
        }

        using var file = Open(TraceColumns.DependsFile, TraceColumns.Depends, TraceColumns.DependsNeeded);
        while (file.Read())
        {
            _depends[JobOf(file, "job")].Add(new TraceDepend
            {
                Type = file.Needed("type"),
                Layer = file.Text("layer"),
                Frame = file.OptionalInt("frame"),
                OnJob = file.Text("on_job") is { Length: > 0 } ? JobOf(file, "on_job") : "",
                OnLayer = file.Text("on_layer"),
                OnFrame = file.OptionalInt("on_frame"),
                AnyFrame = file.Bool("any_frame", false),
            });
        }
    }

    private void ReadFrames()
    {
        using var file = Open(TraceColumns.FramesFile, TraceColumns.Frames, TraceColumns.FramesNeeded);
        while (file.Read())
        {
            var (job, name) = (JobOf(file, "job"), file.Needed("layer"));
            if (!_frames.TryGetValue((job, name), out var layer))
            {
                throw file.Wrong("layer", $"the job {job} has no layer '{name}' in {TraceColumns.LayersFile}");
            }

            var number = file.OptionalInt("frame") ?? throw file.Wrong("frame", "is empty; it is the frame's number, or the first of its chunk");
            var ordinal = layer.Chunks.IndexOfChunkStartingWith(number);
            if (ordinal < 0)
            {
                throw file.Wrong("frame", $"no frame of the layer {name} begins with {number}");
            }

            (layer.Frames[ordinal] ??= []).Add(new TraceRun(file.Decimal("seconds"), file.Long("peak_kib", 0), file.Int("exit", 0)));
        }
    }

    private TraceJob Whole(TraceJob job) => job with
    {
        Layers = [.. _layers[job.Id].Select(layer => layer with { Frames = [.. _frames[(job.Id, layer.Name)].Frames.Select(runs => runs ?? [])] })],
        Depends = _depends[job.Id],
    };

    private CsvFile Open(string name, string[] columns, int needed)
    {
        var path = Path.Combine(_folder, name);
        return File.Exists(path)
            ? new CsvFile(path, columns[..needed], columns[needed..])
            : throw new SimException($"{_folder} has no {name}. Its columns are {string.Join(", ", columns)}; the first {needed} must be there.");
    }

    private string JobOf(CsvFile file, string column)
    {
        var job = file.Needed(column);
        return _layers.ContainsKey(job) ? job : throw file.Wrong(column, $"there is no job '{job}' in {TraceColumns.JobsFile}");
    }
}
