using OpenCue.Cli.Connecting;

namespace OpenCue.Cli.Jobs;

/// <summary>Questions about jobs that several commands ask.</summary>
internal static class JobCalls
{
    /// <summary>The layers of a job.</summary>
    public static async Task<IReadOnlyList<Wire.Layer>> LayersAsync(this CueServer server, Wire.Job job, CancellationToken cancel)
    {
        var answer = await server.Jobs.GetLayersAsync(new Wire.JobGetLayersRequest { Job = job }, cancellationToken: cancel);
        return answer.Layers.Layers;
    }

    /// <summary>A page of the frames of a job that match.</summary>
    public static async Task<IReadOnlyList<Wire.Frame>> FramesAsync(
        this CueServer server, Wire.Job job, Wire.FrameSearchCriteria criteria, CancellationToken cancel)
    {
        var request = new Wire.JobGetFramesRequest { Job = job, Req = criteria };
        var answer = await server.Jobs.GetFramesAsync(request, cancellationToken: cancel);
        return answer.Frames.Frames;
    }

    /// <summary>The first frames of a job in a state.</summary>
    public static Task<IReadOnlyList<Wire.Frame>> FramesAsync(
        this CueServer server, Wire.Job job, Wire.FrameState state, int most, CancellationToken cancel) =>
        server.FramesAsync(job, new Wire.FrameSearchCriteria { States = In(state), Page = 1, Limit = most }, cancel);

    /// <summary>One state, as searches write it.</summary>
    public static Wire.FrameStateSeq In(Wire.FrameState state) => new() { FrameStates = { state } };
}
