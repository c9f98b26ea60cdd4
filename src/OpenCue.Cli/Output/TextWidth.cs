using System.Globalization;
using Spectre.Console.Rendering;

namespace OpenCue.Cli.Output;

/// <summary>Measures and cuts texts by the columns that they take on a terminal.</summary>
internal static class TextWidth
{
    /// <summary>The columns that the text takes; wide characters take two.</summary>
    public static int Of(string text) => IsAscii(text) ? text.Length : Segment.CellCount([new Segment(text)]);

    /// <summary>The text within a width: its middle gives way, since names differ at their ends.</summary>
    public static string Fit(string text, int width, bool unicode)
    {
        if (Of(text) <= width)
        {
            return text;
        }

        var mark = unicode ? "…" : "..";
        var room = width - mark.Length;
        if (room <= 0)
        {
            return mark[..Math.Min(width, mark.Length)];
        }

        var elements = Elements(text);
        var head = Take(elements, (room + 1) / 2);
        elements.Reverse();
        var tail = Take(elements, room - Of(string.Concat(head)));
        tail.Reverse();
        return string.Concat(head) + mark + string.Concat(tail);
    }

    private static List<string> Take(List<string> elements, int room)
    {
        var taken = new List<string>();
        foreach (var element in elements)
        {
            room -= Of(element);
            if (room < 0)
            {
                break;
            }

            taken.Add(element);
        }

        return taken;
    }

    private static List<string> Elements(string text)
    {
        var elements = new List<string>();
        var walk = StringInfo.GetTextElementEnumerator(text);
        while (walk.MoveNext())
        {
            elements.Add(walk.GetTextElement());
        }

        return elements;
    }

    private static bool IsAscii(string text) => text.All(char.IsAscii);
}
