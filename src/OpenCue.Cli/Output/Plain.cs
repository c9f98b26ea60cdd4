using System.Text;

namespace OpenCue.Cli.Output;

/// <summary>Makes texts from elsewhere safe to show: a name or a reason must not move a terminal's cursor or break a line.</summary>
internal static class Plain
{
    /// <summary>The text on one line; control characters become blanks.</summary>
    public static string OneLine(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            plain.Append(char.IsControl(character) ? ' ' : character);
        }

        return plain.ToString().TrimEnd();
    }
}
