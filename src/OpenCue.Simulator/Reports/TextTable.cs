namespace OpenCue.Simulator.Reports;

/// <summary>A table of texts: the first column to the left, the others, numbers mostly, to the right.</summary>
internal sealed class TextTable(params string[] titles)
{
    private readonly List<string[]> _rows = [titles];

    /// <summary>Adds a row, one text for each title.</summary>
    public void Add(params string[] row) => _rows.Add(row.Length == titles.Length
        ? row
        : throw new ArgumentException($"The table has {titles.Length} columns, the row {row.Length} texts.", nameof(row)));

    /// <summary>Writes it.</summary>
    public void Write(TextWriter to)
    {
        var widths = titles.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
        {
            var cells = row.Select((text, column) => column == 0 ? text.PadRight(widths[column]) : text.PadLeft(widths[column]));
            to.Write(string.Join("  ", cells).TrimEnd());
            to.Write('\n');
        }
    }
}
