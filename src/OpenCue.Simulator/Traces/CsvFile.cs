using System.Text;

namespace OpenCue.Simulator.Traces;

/// <summary>
/// Reads a CSV file (RFC 4180) with a heading: commas, double quotes around texts that hold commas, quotes or line ends. Columns may stand in any
/// order; those with a default may be left out.
/// </summary>
internal sealed class CsvFile : IDisposable
{
    private readonly StreamReader _reader;
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private readonly List<string> _fields = [];
    private int _nextLine = 1;

    /// <param name="path">The file.</param>
    /// <param name="required">Columns that it must have.</param>
    /// <param name="optional">Columns that it may have.</param>
    public CsvFile(string path, IReadOnlyList<string> required, IReadOnlyList<string> optional)
    {
        Path = path;
        _reader = new StreamReader(path, Encoding.UTF8);
        if (!Next())
        {
            throw new SimException($"{path} is empty. Its first line names the columns: {string.Join(",", required.Concat(optional))}");
        }

        for (var i = 0; i < _fields.Count; i++)
        {
            var name = _fields[i].Trim();
            if (!required.Contains(name) && !optional.Contains(name))
            {
                throw new SimException($"{path} line 1: there is no column '{name}'. Columns are {string.Join(", ", required.Concat(optional))}.");
            }

            if (!_columns.TryAdd(name, i))
            {
                throw new SimException($"{path} line 1: the column {name} is there twice.");
            }
        }

        if (required.FirstOrDefault(name => !_columns.ContainsKey(name)) is { } missing)
        {
            throw new SimException($"{path} line 1: the column {missing} is missing. It must have {string.Join(", ", required)}.");
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The line on which the present record begins.</summary>
    public int Line { get; private set; }

    /// <summary>Goes to the next record; false at the end of the file.</summary>
    public bool Read()
    {
        while (Next())
        {
            if (_fields.Count == 1 && _fields[0].Length == 0)
            {
                continue;
            }

            return _fields.Count == _columns.Count
                ? true
                : throw new SimException($"{Path} line {Line}: {_fields.Count} fields; the heading has {_columns.Count}. A text with a comma needs double quotes around it.");
        }

        return false;
    }

    /// <summary>A text; empty if the column is not there.</summary>
    public string Text(string column) => _columns.TryGetValue(column, out var index) ? _fields[index] : "";

    /// <summary>A text that must not be empty.</summary>
    public string Needed(string column) => Text(column) is { Length: > 0 } text ? text : throw Wrong(column, "is empty, and must not be");

    /// <summary>A whole number, or the default if the field is empty.</summary>
    public int Int(string column, int usual) =>
        Text(column) is not { Length: > 0 } text ? usual
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw Wrong(column, $"'{text}' is no whole number");

    /// <summary>A whole number or nothing.</summary>
    public int? OptionalInt(string column) => Text(column).Length > 0 ? Int(column, 0) : null;

    /// <summary>A great whole number, or the default if the field is empty.</summary>
    public long Long(string column, long usual) =>
        Text(column) is not { Length: > 0 } text ? usual
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw Wrong(column, $"'{text}' is no whole number");

    /// <summary>A number, or the default if the field is empty; none if it must be there.</summary>
    public decimal Decimal(string column, decimal? usual = null) =>
        Text(column) is not { Length: > 0 } text ? usual ?? throw Wrong(column, "is empty; write a number as 12.5")
        : decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number
        : throw Wrong(column, $"'{text}' is no number; write it as 12.5");

    /// <summary>Yes or no, or the default if the field is empty.</summary>
    public bool Bool(string column, bool usual) => Text(column) switch
    {
        "" => usual,
        "1" or "true" => true,
        "0" or "false" => false,
        var text => throw Wrong(column, $"'{text}' is neither 1 nor 0"),
    };

    /// <summary>Texts, divided by bars.</summary>
    public IReadOnlyList<string> List(string column) => Text(column) is { Length: > 0 } text ? text.Split('|') : [];

    /// <summary>A complaint about a field of the present record.</summary>
    public SimException Wrong(string column, string what) => new($"{Path} line {Line}, column {column}: {what}.");

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private bool Next()
    {
        _fields.Clear();
        Line = _nextLine;
        if (_reader.Peek() < 0)
        {
            return false;
        }

        var field = new StringBuilder();
        var quoted = false;
        while (true)
        {
            var c = _reader.Read();
            if (c < 0)
            {
                if (quoted)
                {
                    throw new SimException($"{Path} line {Line}: a double quote is not closed.");
                }

                break;
            }

            _nextLine += c == '\n' ? 1 : 0;
            if (quoted)
            {
                if (c != '"')
                {
                    field.Append((char)c);
                }
                else if (_reader.Peek() == '"')
                {
                    field.Append((char)_reader.Read());
                }
                else
                {
                    quoted = false;
                }
            }
            else if (c == '"' && field.Length == 0)
            {
                quoted = true;
            }
            else if (c == ',')
            {
                _fields.Add(field.ToString());
                field.Clear();
            }
            else if (c == '\n')
            {
                break;
            }
            else if (c != '\r')
            {
                field.Append((char)c);
            }
        }

        _fields.Add(field.ToString());
        return true;
    }
}
