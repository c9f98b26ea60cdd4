using OpenCue.Specs;
using OpenCue.Specs.Launch;
using OpenCue.Specs.Ranges;

namespace OpenCue.TestKit;

/// <summary>
/// Launch specifications in few words. All belong to show <c>testing</c>, shot <c>shot</c>, user <c>artist</c> unless changed.
/// </summary>
public static class SpecText
{
    /// <summary>A specification of one job.</summary>
    public static JobSpecDocument Of(string job, params LayerSpec[] layers) => Of(Job(job, layers));

    /// <summary>A specification of several jobs.</summary>
    public static JobSpecDocument Of(params JobSpec[] jobs) =>
        new() { Show = "testing", Shot = "shot", User = "artist", Jobs = jobs.ToValueList() };

    /// <summary>A job.</summary>
    public static JobSpec Job(string name, params LayerSpec[] layers) => new() { Name = name, Layers = layers.ToValueList() };

    /// <summary>A layer, by default of the service <c>shell</c>.</summary>
    public static LayerSpec Layer(string name, string range = "1-3", int chunk = 1, LayerType type = LayerType.Render) => new()
    {
        Name = name,
        Type = type,
        Command = "true",
        Range = FrameSet.Parse(range),
        ChunkSize = chunk,
        Services = ["shell"],
    };

    /// <summary>The same specification with more depends.</summary>
    public static JobSpecDocument With(this JobSpecDocument document, params DependSpec[] depends) =>
        document with { Depends = [.. document.Depends, .. depends] };

    /// <summary>
    /// A depend in words: <c>"LAYER_ON_LAYER", "comp/b", "comp/a"</c>. What follows the slash is a layer, or a frame such as <c>0001-a</c>.
    /// </summary>
    public static DependSpec Depend(string type, string er, string on, bool anyFrame = false)
    {
        if (!DependTypes.TryParse(type, out var parsed))
        {
            throw new ArgumentException($"{type} is no type of depends.", nameof(type));
        }

        var (erJob, erPart) = Split(er);
        var (onJob, onPart) = Split(on);
        return new DependSpec
        {
            Type = parsed,
            AnyFrame = anyFrame,
            DependJob = erJob,
            DependLayer = IsFrame(erPart) ? null : erPart,
            DependFrame = IsFrame(erPart) ? Frame(erPart!) : null,
            OnJob = onJob,
            OnLayer = IsFrame(onPart) ? null : onPart,
            OnFrame = IsFrame(onPart) ? Frame(onPart!) : null,
        };
    }

    private static (string Job, string? Part) Split(string text) =>
        text.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? (text[..slash], text[(slash + 1)..]) : (text, null);

    private static bool IsFrame(string? part) => part is not null && char.IsAsciiDigit(part[0]);

    private static FrameName Frame(string part)
    {
        var dash = part.IndexOf('-', StringComparison.Ordinal);
        return new FrameName(int.Parse(part[..dash], System.Globalization.CultureInfo.InvariantCulture), part[(dash + 1)..]);
    }
}
