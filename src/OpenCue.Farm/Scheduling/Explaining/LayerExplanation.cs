using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>Frames of a layer that are as they are for the same reason.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Frames">How many.</param>
/// <param name="Examples">The names of the first few.</param>
public sealed record FrameGroup(Reason Reason, int Frames, IReadOnlyList<string> Examples);

/// <summary>Why the frames of a layer are as they are.</summary>
/// <param name="Layer">Its name.</param>
/// <param name="Job">The name of its job.</param>
/// <param name="Groups">Its frames by reason, the most first.</param>
/// <param name="Reasons">All that holds its waiting frames; of one whose frames all wait for others also what will hold them then.</param>
/// <param name="Hosts">All hosts, by whether they would take one; null if nothing is left to run.</param>
/// <param name="Place">What stands before its first waiting frame; null if none waits.</param>
public sealed record LayerAnswer(
    string Layer, string Job, IReadOnlyList<FrameGroup> Groups, IReadOnlyList<Reason> Reasons, HostCount? Hosts, Place? Place);

/// <summary>Explains one layer.</summary>
/// <param name="find">Finds it in the farm.</param>
public sealed class LayerExplanation(Func<FarmModel, Layer> find) : Explanation<LayerAnswer>
{
    private LayerPart _part = null!; // Begin sets it.

    /// <inheritdoc/>
    public override ICollection<Job> Jobs => _part.Place is null ? [] : Context.Farm.Jobs.All;

    /// <inheritdoc/>
    public override ICollection<Host> Hosts => _part.Hosts is null ? [] : Context.Farm.Hosts.All;

    /// <inheritdoc/>
    public override void Begin() => _part = LayerPart.Of(Context, find(Context.Farm));

    /// <inheritdoc/>
    public override void Look(Job job) => _part.Place?.Add(job);

    /// <inheritdoc/>
    public override void Look(Host host)
    {
        _part.Hosts?.Add(host);
        _part.Place?.Add(host);
    }

    /// <inheritdoc/>
    public override LayerAnswer End()
    {
        Expect(_part.Layer.InFarm, $"The layer {_part.Layer.Row.Name}");
        return _part.Answer(Context);
    }
}

/// <summary>A layer that is being explained, by itself or as part of its job.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Hosts">Counts hosts; layers that need the same share one. Null if nothing is left to run.</param>
/// <param name="Place">Counts what stands before it; null if nothing waits.</param>
internal sealed record LayerPart(Layer Layer, HostCounter? Hosts, PlaceCounter? Place)
{
    private const int MostExamples = 3;

    /// <summary>A part that counts for itself.</summary>
    public static LayerPart Of(ExplainContext context, Layer layer) => new(
        layer,
        HasMore(layer) ? new HostCounter(new Seeker(context, layer)) : null,
        HasMore(layer) && layer.Waiting.Count > 0 ? new PlaceCounter(context, layer) : null);

    /// <summary>True if some of its frames wait, for whatever.</summary>
    public static bool HasMore(Layer layer) => Left(layer) > 0 && layer.Job.Row.State != JobState.Finished;

    /// <summary>What was found.</summary>
    /// <param name="context">The farm.</param>
    /// <param name="placeOfJob">What stands before the job's first waiting frame, if the layer did not count by itself.</param>
    /// <param name="looked">So many frames are looked at for examples.</param>
    public LayerAnswer Answer(ExplainContext context, Place? placeOfJob = null, int looked = 20_000)
    {
        var counts = Layer.Counts;
        var place = Place?.Count() ?? placeOfJob;
        var reasons = Reasons(context, place);
        var groups = new List<FrameGroup>();
        var examples = Examples(looked);
        foreach (var state in Enum.GetValues<FrameState>())
        {
            var frames = counts[state];
            if (frames > 0)
            {
                var reason = state switch
                {
                    FrameState.Waiting => reasons[0],
                    FrameState.Depend or FrameState.Setup => FrameReasons.DependsOf(Layer, frames),
                    _ => FrameReasons.OfState(state, frames),
                };
                groups.Add(new FrameGroup(reason, frames, examples.TryGetValue(state, out var names) ? names : []));
            }
        }

        return new LayerAnswer(
            Layer.Row.Name,
            Layer.Job.Row.Name,
            [.. groups.OrderByDescending(group => group.Frames).ThenBy(group => group.Reason.Code)],
            reasons,
            Hosts?.Count(),
            place);
    }

    /// <summary>What holds its waiting frames; of one whose frames all wait for others that first. Empty if nothing is left to run.</summary>
    private List<Reason> Reasons(ExplainContext context, Place? place)
    {
        if (Left(Layer) == 0)
        {
            return [];
        }

        var waits = Layer.Waiting.Count > 0;
        var reasons = Hosts is not null ? WaitReasons.Of(context, Layer, Hosts, place, waits) : WorkReasons.Of(context, Layer);
        if (!waits)
        {
            reasons.Insert(0, FrameReasons.DependsOf(Layer, Left(Layer)));
        }
        else if (reasons.Count == 0)
        {
            reasons.Add(new Reason(
                ReasonCode.NotLookedAt,
                "The layers of the job need so many different things that hosts were not looked at for all.",
                "Explain the layer by itself.")
            {
                Subject = Layer.Row.Name,
            });
        }

        return reasons;
    }

    private static int Left(Layer layer) => layer.Counts[FrameState.Waiting] + layer.Counts[FrameState.Depend] + layer.Counts[FrameState.Setup];

    private Dictionary<FrameState, List<string>> Examples(int looked)
    {
        var examples = new Dictionary<FrameState, List<string>>();

        // Frames that are in the store alone are not fetched for the sake of examples.
        for (var i = 0; Layer.HasFrames && i < Math.Min(Layer.FrameCount, looked); i++)
        {
            var state = Layer.Frames[i].State;
            if (!examples.TryGetValue(state, out var names))
            {
                examples.Add(state, names = []);
            }

            if (names.Count < MostExamples)
            {
                names.Add(Layer.FrameName(i));
            }
        }

        return examples;
    }
}
