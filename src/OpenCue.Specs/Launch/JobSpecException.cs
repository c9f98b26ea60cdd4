using System.Globalization;
using System.Xml;

namespace OpenCue.Specs.Launch;

/// <summary>A launch specification that cannot be accepted. The message says what is wrong, where, and what is allowed.</summary>
public sealed class JobSpecException : Exception
{
    internal JobSpecException(string reason, string element, int line, int column, Exception? cause = null)
        : base(string.Create(CultureInfo.InvariantCulture, $"{reason} (element {element}, line {line}, column {column})"), cause)
    {
        Reason = reason;
        Element = element;
        Line = line;
        Column = column;
    }

    internal JobSpecException(string reason, Exception? cause = null)
        : base(reason, cause) => Reason = reason;

    private JobSpecException(XmlException cause)
        : base($"Failed to parse job spec XML, {cause.Message}", cause)
    {
        Reason = Message;
        Line = cause.LineNumber;
        Column = cause.LinePosition;
    }

    /// <summary>What is wrong, without the place.</summary>
    public string Reason { get; }

    /// <summary>The element at fault; null when the fault is not in one.</summary>
    public string? Element { get; }

    /// <summary>The line of the fault, from 1; 0 when it has no place.</summary>
    public int Line { get; }

    /// <summary>The column of the fault, from 1; 0 when it has no place.</summary>
    public int Column { get; }

    // The XML parser's message names the place itself.
    internal static JobSpecException Malformed(XmlException cause) => new(cause);
}
