using System.Globalization;

namespace OpenCue.Specs.Commands;

/// <summary>
/// Names of frames: the number with at least four characters, a dash, the layer, as in <c>0001-render</c>. The sign of a negative
/// number counts as one of the four: <c>-005-render</c>.
/// </summary>
public static class FrameNames
{
    /// <summary>The name of a frame.</summary>
    public static string Format(int frame, string layer) => $"{Number(frame)}-{layer}";

    /// <summary>The number as frame names and the token #ZFRAME# write it.</summary>
    public static string Number(int frame) => frame >= 0
        ? frame.ToString("D4", CultureInfo.InvariantCulture)
        : frame.ToString("D3", CultureInfo.InvariantCulture);

    /// <summary>
    /// Takes a frame's name apart. Any number of digits is read and the layer is conformed, so that <c>1-Render-A</c> and
    /// <c>0001-render_a</c> name the same frame (OpenCue reads four to six digits, no sign, and no layer with a dot or dash).
    /// </summary>
    /// <param name="text">The name.</param>
    /// <param name="frame">The number.</param>
    /// <param name="layer">The conformed layer; empty when the text is no frame's name.</param>
    public static bool TryParse(string? text, out int frame, out string layer)
    {
        frame = 0;
        layer = "";
        var dash = text is { Length: > 1 } ? text.IndexOf('-', 1) : -1;
        if (dash < 0
            || !char.IsAsciiDigit(text![dash - 1])
            || text[0] == '+'
            || !int.TryParse(text.AsSpan(0, dash), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out frame))
        {
            return false;
        }

        try
        {
            layer = NameRules.Layer(text[(dash + 1)..]);
            return true;
        }
        catch (InvalidNameException)
        {
            return false;
        }
    }
}
