using System.Collections;

namespace OpenCue.Cli.Output;

/// <summary>What is to say about one thing: a list of names and values. Empty values are left out.</summary>
internal sealed class Facts(Terminal terminal) : IEnumerable<(string Name, Cell Value)>
{
    private readonly List<(string Name, Cell Value)> _facts = [];

    /// <summary>Adds a fact.</summary>
    public void Add(string name, Cell value)
    {
        if (value.Text.Length > 0)
        {
            _facts.Add((name, value with { Text = Plain.OneLine(value.Text) }));
        }
    }

    /// <summary>Writes the facts, one a line. Values stay whole: this is where a person looks for a path to copy.</summary>
    public void Write()
    {
        var width = _facts.Count == 0 ? 0 : _facts.Max(fact => fact.Name.Length) + 2;
        foreach (var (name, value) in _facts)
        {
            terminal.Line(terminal.Styled(name, Ink.Dim) + new string(' ', width - name.Length) + terminal.Styled(value.Text, value.Ink));
        }
    }

    public IEnumerator<(string Name, Cell Value)> GetEnumerator() => _facts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
