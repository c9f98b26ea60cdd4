namespace OpenCue.Cuebot.Events;

/// <summary>Something that a person must look at.</summary>
/// <param name="AtMs">When, ms since 1970.</param>
/// <param name="Text">What.</param>
internal sealed record AlarmNote(long AtMs, string Text);
