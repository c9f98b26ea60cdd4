using System.Globalization;

namespace OpenCue.Specs.Commands;

/// <summary>Puts the values of a frame into a layer's command.</summary>
public static class CommandTokens
{
    /// <summary>
    /// Replaces the tokens #ZFRAME#, #IFRAME#, #FRAME_START#, #FRAME_END#, #FRAME_CHUNK#, #LAYER#, #JOB#, #FRAMESPEC# and #FRAME#
    /// everywhere in the command, one after the other in this order, as OpenCue does. All else stays as it is, other words between #
    /// included.
    /// </summary>
    public static string Expand(string command, in FrameTokens tokens)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!command.Contains('#'))
        {
            return command;
        }

        var number = tokens.Frame.ToString(CultureInfo.InvariantCulture);
        return command
            .Replace("#ZFRAME#", FrameNames.Number(tokens.Frame), StringComparison.Ordinal)
            .Replace("#IFRAME#", number, StringComparison.Ordinal)
            .Replace("#FRAME_START#", number, StringComparison.Ordinal)
            .Replace("#FRAME_END#", tokens.LastFrame.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("#FRAME_CHUNK#", tokens.ChunkSize.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("#LAYER#", tokens.Layer, StringComparison.Ordinal)
            .Replace("#JOB#", tokens.Job, StringComparison.Ordinal)
            .Replace("#FRAMESPEC#", tokens.FrameSpec, StringComparison.Ordinal)
            .Replace("#FRAME#", FrameNames.Format(tokens.Frame, tokens.Layer), StringComparison.Ordinal);
    }
}
