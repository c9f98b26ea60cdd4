using OpenCue.Cli.Output;
using Spectre.Console;

namespace OpenCue.Cli.Watching;

/// <summary>A picture in a terminal that is drawn over and over in place; the last one stays.</summary>
internal sealed class LiveView(Terminal terminal) : IWatchView
{
    public async Task<T> RunAsync<T>(Func<Action<WatchState>, Task<T>> watch)
    {
        terminal.Flush();
        var console = terminal.Console;
        return await console
            .Live(new Text(""))
            .Overflow(VerticalOverflow.Ellipsis)
            .StartAsync(context => watch(state =>
            {
                console.Profile.Width = terminal.Width;
                context.UpdateTarget(Picture(state));
                terminal.Flush();
            }));
    }

    private Rows Picture(WatchState state) => new(WatchText.Lines(state, terminal.Width, terminal.HasUnicode).Select(Line));

    private static Paragraph Line(IReadOnlyList<Cell> parts)
    {
        var line = new Paragraph { Overflow = Overflow.Crop };
        // An empty line would be left out.
        foreach (var part in parts.Count == 0 ? [new Cell(" ")] : parts)
        {
            line.Append(part.Text, StyleOf(part.Ink));
        }

        return line;
    }

    private static Style StyleOf(Ink ink) => ink switch
    {
        Ink.Bold => new Style(decoration: Decoration.Bold),
        Ink.Dim => new Style(decoration: Decoration.Dim),
        Ink.Good => new Style(Color.Green),
        Ink.Busy => new Style(Color.Olive),
        Ink.Bad => new Style(Color.Maroon),
        Ink.Odd => new Style(Color.Purple),
        _ => Style.Plain,
    };
}
