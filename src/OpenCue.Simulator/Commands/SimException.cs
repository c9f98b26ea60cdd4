namespace OpenCue.Simulator.Commands;

/// <summary>Something that the user can put right: a bad file, option or trace. The message says what is wrong, where, and the way out.</summary>
internal sealed class SimException(string message) : Exception(message);
