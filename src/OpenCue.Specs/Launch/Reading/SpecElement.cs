using System.Globalization;

namespace OpenCue.Specs.Launch.Reading;

/// <summary>A start tag, with the place that messages name.</summary>
internal sealed class SpecElement(string name, bool isEmpty, int line, int column)
{
    // Most elements hold only text; they need neither.
    private Dictionary<string, string>? _attributes;
    private HashSet<string>? _seen;

    public string Name => name;

    public bool IsEmpty => isEmpty;

    public SpecGrammar.Element Grammar { get; } = SpecGrammar.Of(name);

    /// <summary>The value of an attribute that the cursor has made sure of.</summary>
    public string this[string attribute] => _attributes![attribute];

    public string? Find(string attribute) => _attributes?.GetValueOrDefault(attribute);

    public void Add(string attribute, string value) => (_attributes ??= [])[attribute] = value;

    /// <summary>Notes that a child was met; false when one of its name was before.</summary>
    public bool See(string child) => (_seen ??= []).Add(child);

    public bool HasSeen(string child) => _seen is not null && _seen.Contains(child);

    public JobSpecException Error(string reason) => new(reason, name, line, column);

    /// <summary>A warning with the place of the element.</summary>
    public string Place(string warning) => string.Create(CultureInfo.InvariantCulture, $"{warning} (element {name}, line {line})");
}

/// <summary>The text of an element that holds nothing else, without blanks around it.</summary>
internal readonly record struct SpecText(string Value, SpecElement Element)
{
    public JobSpecException Error(string reason) => Element.Error(reason);
}
