namespace OpenCue.Cli.Output;

/// <summary>A column of a table.</summary>
/// <param name="Title">Its heading.</param>
internal sealed record Column(string Title)
{
    /// <summary>Numbers stand to the right.</summary>
    public bool Right { get; init; }

    /// <summary>The least width to which a narrow terminal may press it; null if its texts stay whole.</summary>
    public int? Least { get; init; }

    /// <summary>In which order columns are left out where there is no room for all, the highest first; 0 stays.</summary>
    public int Spare { get; init; }
}

/// <summary>A text in a table.</summary>
internal readonly record struct Cell(string Text, Ink Ink = Ink.Plain)
{
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>
/// A table. On a terminal it fits the width: long texts give way in their middle, then spare columns are left out. Into pipes and files all
/// columns go in full, divided by two blanks or more.
/// </summary>
internal sealed class Table(params Column[] columns)
{
    private const int Gap = 2;
    private const int Narrowest = 4;

    private readonly List<Cell[]> _rows = [];

    /// <summary>How many rows there are.</summary>
    public int Count => _rows.Count;

    /// <summary>Adds a row, one cell for each column.</summary>
    public void Add(params Cell[] cells)
    {
        if (cells.Length != columns.Length)
        {
            throw new ArgumentException($"The table has {columns.Length} columns, the row {cells.Length} cells.", nameof(cells));
        }

        _rows.Add([.. cells.Select(cell => cell with { Text = Plain.OneLine(cell.Text) })]);
    }

    /// <summary>Writes the table with its heading, also if it has no rows.</summary>
    public void Write(Terminal terminal)
    {
        var natural = columns
            .Select((column, i) => _rows.Select(row => TextWidth.Of(row[i].Text)).Append(TextWidth.Of(column.Title)).Max())
            .ToArray();
        var (shown, widths) = Layout(natural, terminal.Width);
        terminal.Line(Text([.. columns.Select(column => new Cell(column.Title, Ink.Dim))], shown, widths, terminal));
        foreach (var row in _rows)
        {
            terminal.Line(Text(row, shown, widths, terminal));
        }
    }

    /// <summary>Which columns are shown, and how wide.</summary>
    private (List<int> Shown, int[] Widths) Layout(int[] natural, int room)
    {
        var shown = Enumerable.Range(0, columns.Length).ToList();
        while (true)
        {
            var widths = (int[])natural.Clone();
            if (Press(shown, widths, room, column => column.Least))
            {
                return (shown, widths);
            }

            if (shown.Where(i => columns[i].Spare > 0).ToList() is { Count: > 0 } spare)
            {
                shown.Remove(spare.MaxBy(i => columns[i].Spare));
                continue;
            }

            Press(shown, widths, room, _ => Narrowest);
            return (shown, widths);
        }
    }

    /// <summary>Takes room from the widest columns that may give some; false if that is not enough.</summary>
    private bool Press(List<int> shown, int[] widths, int room, Func<Column, int?> least)
    {
        var over = shown.Sum(i => widths[i]) + (Gap * (shown.Count - 1)) - room;
        for (; over > 0; over--)
        {
            var widest = shown.Where(i => least(columns[i]) < widths[i]).OrderByDescending(i => widths[i]).Cast<int?>().FirstOrDefault();
            if (widest is not { } index)
            {
                return false;
            }

            widths[index]--;
        }

        return true;
    }

    private string Text(Cell[] row, List<int> shown, int[] widths, Terminal terminal)
    {
        var texts = shown.Select(i =>
        {
            var text = TextWidth.Fit(row[i].Text, widths[i], terminal.HasUnicode);
            var blanks = new string(' ', Math.Max(0, widths[i] - TextWidth.Of(text)));
            var styled = terminal.Styled(text, row[i].Ink);
            return columns[i].Right ? blanks + styled : styled + blanks;
        });
        // Blanks at the end of a line would only be in the way of whoever copies it.
        return string.Join(new string(' ', Gap), texts).TrimEnd(' ');
    }
}
