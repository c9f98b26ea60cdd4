using System.Globalization;
using System.Text;

namespace OpenCue.Specs;

/// <summary>How texts that came from outside are shown in messages.</summary>
internal static class Messages
{
    private const int LongestShown = 80;

    /// <summary>
    /// The text in quotation marks, cut when it is long, control characters written as \uXXXX: a name with a line break must not be
    /// able to forge a second line in a log.
    /// </summary>
    public static string Quote(ReadOnlySpan<char> text) => $"'{Show(text)}'";

    /// <summary>As <see cref="Quote"/>, without the quotation marks: for OpenCue's own messages, which have none.</summary>
    public static string Show(ReadOnlySpan<char> text)
    {
        var shown = new StringBuilder();
        foreach (var c in text[..Math.Min(text.Length, LongestShown)])
        {
            if (!IsOneLine(c) || char.IsSurrogate(c))
            {
                shown.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
            else
            {
                shown.Append(c);
            }
        }

        return shown.Append(text.Length > LongestShown ? "..." : "").ToString();
    }

    /// <summary>Whether a character may stand in a text of one line: no control character, and none of Unicode's two line ends.</summary>
    public static bool IsOneLine(char c) => !char.IsControl(c) && c is not ('\u2028' or '\u2029');
}
