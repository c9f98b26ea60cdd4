namespace OpenCue.Specs;

/// <summary>A name that breaks OpenCue's rules for names; the message says which rule.</summary>
public sealed class InvalidNameException(string message) : FormatException(message);
