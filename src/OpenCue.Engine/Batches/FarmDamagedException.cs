using OpenCue.Engine.Commands;

namespace OpenCue.Engine.Batches;

/// <summary>A change could be neither finished nor undone. The model in memory is worthless now; the store holds the farm.</summary>
internal sealed class FarmDamagedException(string what, Exception inner) : Exception($"{what} could not be undone: {inner.Message}", inner)
{
    /// <summary>The command that did it, if it was one.</summary>
    public Command? Command { get; init; }

    /// <summary>The step that did it, if it was one.</summary>
    public StepState? Step { get; init; }
}
