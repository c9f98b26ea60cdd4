namespace OpenCue.Specs.Ranges;

/// <summary>A frame range that cannot be read; the message names the part at fault and what would be right.</summary>
public sealed class FrameRangeException : FormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, naming the part of the range.</param>
    /// <param name="asked">How many frames the range asks for when it is refused for its size, else null.</param>
    public FrameRangeException(string message, long? asked = null)
        : base(message) => Asked = asked;

    /// <summary>
    /// When the range was refused because it holds too many frames: how many it asks for, counted without expanding it and
    /// with repeated frames counted each time. Null for every other fault.
    /// </summary>
    public long? Asked { get; }
}
