using OpenCue.Specs.Commands;

namespace OpenCue.Specs.Launch;

/// <summary>The name of a frame, taken apart.</summary>
/// <param name="Number">The number of the frame.</param>
/// <param name="Layer">The conformed name of its layer.</param>
public readonly record struct FrameName(int Number, string Layer)
{
    /// <summary>The name as OpenCue writes it, as in 0001-render.</summary>
    public override string ToString() => FrameNames.Format(Number, Layer);
}
