using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Xml;

namespace OpenCue.Specs.Launch.Reading;

/// <summary>
/// Walks through a specification once, and refuses what the grammar does not know where it stands. Since no element of the grammar can
/// hold itself, nesting is bounded by that too.
/// </summary>
internal sealed class SpecCursor(XmlReader reader)
{
    private readonly IXmlLineInfo _position = (IXmlLineInfo)reader;

    /// <summary>Goes to the root element.</summary>
    public SpecElement Root()
    {
        while (reader.Read() && reader.NodeType != XmlNodeType.Element)
        {
            // Blanks, comments and processing instructions say nothing.
        }

        // A document without a root element has already made the XML reader throw.
        return reader.Name == "spec"
            ? Open()
            : throw Here().Error($"the root element is {Messages.Quote(reader.Name)}; a job specification begins with spec");
    }

    /// <summary>Goes to the next child of an element; the child before it must have been read to its end.</summary>
    public bool NextChild(SpecElement parent, [NotNullWhen(true)] out SpecElement? child)
    {
        child = null;
        while (!parent.IsEmpty && reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    child = OpenChild(parent);
                    return true;
                case XmlNodeType.EndElement:
                    CheckComplete(parent);
                    return false;
                case XmlNodeType.Text or XmlNodeType.CDATA:
                    throw parent.Error($"the text {Messages.Quote(reader.Value.Trim())} stands between the elements of {parent.Name}");
                default:
                    break; // Blanks, comments and processing instructions say nothing.
            }
        }

        CheckComplete(parent);
        return false;
    }

    /// <summary>Reads an element that holds only text.</summary>
    public SpecText Text(SpecElement element)
    {
        var text = new StringBuilder();
        while (!element.IsEmpty && reader.Read() && reader.NodeType != XmlNodeType.EndElement)
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    text.Append(reader.Value);
                    break;
                case XmlNodeType.Element:
                    throw Here().Error($"the element {Messages.Quote(reader.Name)} stands inside {element.Name}, which holds only text");
                default:
                    break;
            }
        }

        return new SpecText(TrimBlanks(text.ToString()), element);
    }

    /// <summary>Reads to the end of what follows the root element, which may only be comments and blanks.</summary>
    public void Finish()
    {
        while (reader.Read())
        {
            // The XML reader itself refuses a second root element.
        }
    }

    private static string TrimBlanks(string text) => text.Trim(' ', '\t', '\r', '\n');

    private SpecElement OpenChild(SpecElement parent)
    {
        if (!parent.Grammar.Allows(reader.Name))
        {
            var allowed = string.Join(", ", parent.Grammar.Children);
            throw Here().Error($"the element {Messages.Quote(reader.Name)} is not allowed in {parent.Name}; allowed are {allowed}");
        }

        if (!parent.See(reader.Name) && parent.Grammar.AllowsOnce(reader.Name))
        {
            throw Here().Error($"the element {reader.Name} stands in {parent.Name} more than once");
        }

        return Open();
    }

    private SpecElement Open()
    {
        var element = Here();
        while (reader.MoveToNextAttribute())
        {
            if (!element.Grammar.AllowsAttribute(reader.Name))
            {
                throw element.Error($"the attribute {Messages.Quote(reader.Name)} is not known here");
            }

            element.Add(reader.Name, NameToken(element, reader.Name, TrimBlanks(reader.Value)));
        }

        reader.MoveToElement();
        foreach (var required in element.Grammar.Attributes)
        {
            if (element.Find(required) is null)
            {
                throw element.Error($"the attribute {required} is missing");
            }
        }

        return element;
    }

    private SpecElement Here() => new(
        reader.Name, reader.NodeType == XmlNodeType.Element && reader.IsEmptyElement, _position.LineNumber, _position.LinePosition);

    /// <summary>Every attribute of the specification is a name token: no blanks, no line breaks, few signs.</summary>
    private static string NameToken(SpecElement element, string attribute, string value) =>
        value.Length > 0 && value.All(c => XmlConvert.IsNCNameChar(c) || c == ':')
            ? value
            : throw element.Error(
                $"the attribute {attribute} is {Messages.Quote(value)}; it consists of letters, digits and . - _ : and is not empty");

    private static void CheckComplete(SpecElement element)
    {
        foreach (var required in element.Grammar.Required)
        {
            if (!element.HasSeen(required))
            {
                throw element.Error($"the element {required} is missing in {element.Name}");
            }
        }
    }
}
