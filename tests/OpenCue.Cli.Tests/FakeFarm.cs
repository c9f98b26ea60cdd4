using System.Collections.Concurrent;
using Google.Protobuf;
using OpenCue.Protocol.V1;
using OpenCue.Specs.Launch;

namespace OpenCue.Cli.Tests;

/// <summary>What a fake server knows.</summary>
internal sealed class FakeFarm
{
    public const int Start = 1_700_000_000;

    private readonly Lock _gate = new();

    public List<Wire.Job> Jobs { get; } = [];

    public Dictionary<string, List<Wire.Layer>> Layers { get; } = [];

    public Dictionary<string, List<Wire.Frame>> Frames { get; } = [];

    public List<Wire.Host> Hosts { get; } = [];

    public List<Wire.Proc> Procs { get; } = [];

    public List<Wire.Show> Shows { get; } = [];

    public List<Limit> Limits { get; } = [];

    public GetPoliciesResponse Policies { get; } = new() { DefaultPolicy = "PRIORITY_ONLY" };

    public List<HostCap> Caps { get; } = [];

    public List<string> Problems { get; } = [];

    public List<string> LaunchWarnings { get; } = [];

    /// <summary>What it explains, one for each kind of thing.</summary>
    public List<IMessage> Explanations { get; } = [];

    public HashSet<string> Unkillable { get; } = [];

    public GetStatusResponse Status { get; set; } = new() { State = ServerState.Serving };

    public byte[]? ServerLog { get; set; }

    /// <summary>What was asked for, searches and changes.</summary>
    public ConcurrentQueue<IMessage> Requests { get; } = new();

    public ConcurrentQueue<string> Callers { get; } = new();

    /// <summary>Runs each time a job is looked at: time goes on.</summary>
    public Action<Wire.Job>? OnLook { get; set; }

    /// <summary>Runs each time a frame is looked at.</summary>
    public Action<Wire.Frame>? OnFrameLook { get; set; }

    /// <summary>Adds a job with layers of so many frames each.</summary>
    public Wire.Job Add(string name, params (string Layer, int Frames)[] layers)
    {
        var job = new Wire.Job
        {
            Id = Guid.CreateVersion7().ToString(),
            Name = name,
            Show = "testing",
            Shot = "sh010",
            User = "anna",
            Priority = 100,
            StartTime = Start + Jobs.Count,
            LogDir = "/nowhere/logs",
            JobStats = new Wire.JobStats { TotalLayers = layers.Length },
        };
        Jobs.Add(job);
        Layers[job.Id] = [];
        Frames[job.Id] = [];
        foreach (var (layer, count) in layers)
        {
            Layers[job.Id].Add(new Wire.Layer { Id = Guid.CreateVersion7().ToString(), Name = layer, Range = $"1-{count}", ChunkSize = 1, MinCores = 1, MinMemory = 3355443 });
            for (var number = 1; number <= count; number++)
            {
                Frames[job.Id].Add(new Wire.Frame { Id = Guid.CreateVersion7().ToString(), Name = $"{number:0000}-{layer}", LayerName = layer, Number = number, ExitStatus = -1 });
            }
        }

        Count(job);
        return job;
    }

    /// <summary>Sets the states of the first frames of a layer.</summary>
    public void Set(Wire.Job job, string layer, params Wire.FrameState[] states)
    {
        lock (_gate)
        {
            var frames = Frames[job.Id].Where(frame => frame.LayerName == layer).ToList();
            for (var i = 0; i < states.Length; i++)
            {
                frames[i].State = states[i];
                if (states[i] is not (Wire.FrameState.Waiting or Wire.FrameState.Depend))
                {
                    frames[i].StartTime = Start + 10;
                    frames[i].LastResource = "rnd01/1.00/0";
                }
            }

            Count(job);
        }
    }

    /// <summary>Sets the states of all frames, and ends the job.</summary>
    public void Finish(Wire.Job job, Wire.FrameState state = Wire.FrameState.Succeeded)
    {
        foreach (var layer in Layers[job.Id])
        {
            Set(job, layer.Name, [.. Enumerable.Repeat(state, Frames[job.Id].Count(frame => frame.LayerName == layer.Name))]);
        }

        job.State = Wire.JobState.Finished;
        job.StopTime = job.StartTime + 100;
    }

    public Wire.Job Job(string id)
    {
        var job = Jobs.Find(job => job.Id == id) ?? throw new RpcException(new Status(StatusCode.NotFound, "Object does not exist."));
        OnLook?.Invoke(job);
        return Jobs.Contains(job) ? job.Clone() : throw new RpcException(new Status(StatusCode.NotFound, "Object does not exist."));
    }

    public Wire.Frame Frame(string id)
    {
        var frame = Frames.Values.SelectMany(frames => frames).First(frame => frame.Id == id);
        OnFrameLook?.Invoke(frame);
        return frame;
    }

    public List<Wire.Layer> LayersOf(string job) => Layers[job];

    public IEnumerable<Wire.Job> Search(Wire.JobSearchCriteria criteria) => Jobs.Where(job =>
        (criteria.IncludeFinished || job.State == Wire.JobState.Pending)
        && (criteria.Users.Count == 0 || criteria.Users.Contains(job.User))
        && (criteria.Substr.Count == 0 || criteria.Substr.Any(part => job.Name.Contains(part.Replace("\\", "", StringComparison.Ordinal), StringComparison.Ordinal))));

    public IEnumerable<Wire.Frame> Search(string job, Wire.FrameSearchCriteria criteria)
    {
        lock (_gate)
        {
            var limit = criteria.Limit > 0 ? criteria.Limit : 1000;
            return [.. Frames[job]
                .Where(frame => criteria.Layers.Count == 0 || criteria.Layers.Contains(frame.LayerName))
                .Where(frame => criteria.Frames.Count == 0 || criteria.Frames.Contains(frame.Name))
                .Where(frame => criteria.States is not { FrameStates.Count: > 0 } states || states.FrameStates.Contains(frame.State))
                .Skip((Math.Max(1, criteria.Page) - 1) * limit)
                .Take(limit)];
        }
    }

    public IEnumerable<Wire.Job> Launch(string spec)
    {
        var document = JobSpecReader.Read(spec);
        return [.. document.Jobs.Select(job => Add(document.FullJobName(job.Name), [.. job.Layers.Select(layer => (layer.Name, layer.Chunks().Count))]))];
    }

    private void Count(Wire.Job job)
    {
        var stats = job.JobStats;
        foreach (var layer in Layers[job.Id])
        {
            var states = Frames[job.Id].Where(frame => frame.LayerName == layer.Name).ToLookup(frame => frame.State);
            layer.LayerStats = new Wire.LayerStats
            {
                TotalFrames = states.Sum(state => state.Count()),
                WaitingFrames = states[Wire.FrameState.Waiting].Count(),
                RunningFrames = states[Wire.FrameState.Running].Count(),
                SucceededFrames = states[Wire.FrameState.Succeeded].Count(),
                DependFrames = states[Wire.FrameState.Depend].Count(),
                DeadFrames = states[Wire.FrameState.Dead].Count(),
                EatenFrames = states[Wire.FrameState.Eaten].Count(),
                PendingFrames = states[Wire.FrameState.Waiting].Count() + states[Wire.FrameState.Depend].Count(),
                RenderedFrameCount = states[Wire.FrameState.Succeeded].Count(),
                AvgFrameSec = states[Wire.FrameState.Succeeded].Any() ? 10 : 0,
            };
        }

        var layers = Layers[job.Id].Select(layer => layer.LayerStats).ToList();
        stats.TotalFrames = layers.Sum(layer => layer.TotalFrames);
        stats.WaitingFrames = layers.Sum(layer => layer.WaitingFrames);
        stats.RunningFrames = layers.Sum(layer => layer.RunningFrames);
        stats.SucceededFrames = layers.Sum(layer => layer.SucceededFrames);
        stats.DependFrames = layers.Sum(layer => layer.DependFrames);
        stats.DeadFrames = layers.Sum(layer => layer.DeadFrames);
        stats.EatenFrames = layers.Sum(layer => layer.EatenFrames);
        stats.PendingFrames = layers.Sum(layer => layer.PendingFrames);
        stats.ReservedCores = stats.RunningFrames;
    }
}
