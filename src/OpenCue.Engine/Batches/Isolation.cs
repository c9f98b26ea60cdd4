using OpenCue.Engine.Commands;

namespace OpenCue.Engine.Batches;

/// <summary>A command or a step whose changes are tried by themselves.</summary>
internal readonly record struct TrialUnit(Command? Command, StepState? Step);

/// <summary>
/// Finds the commands of a batch whose data the store refuses: the batch's commands and steps are made again in their order as smaller batches,
/// each committed by itself; one that is refused is halved, until a single culprit is left.
/// </summary>
internal sealed class Isolation
{
    private readonly Stack<ArraySegment<TrialUnit>> _trials = [];

    /// <summary>True while there is something to try.</summary>
    public bool IsActive => _trials.Count > 0;

    /// <summary>Commands that wait for their trial.</summary>
    public IEnumerable<Command> Commands => _trials.SelectMany(t => t).Where(u => u.Command is not null).Select(u => u.Command!);

    /// <summary>
    /// Takes a refused batch apart. Returns the culprit if there was but one unit in it; otherwise its halves come up as the next trials.
    /// </summary>
    public TrialUnit? Refused(Batch batch)
    {
        TrialUnit[] units = [.. batch.Commands.Select(c => new TrialUnit(c, null)), .. batch.Steps.Select(s => new TrialUnit(null, s))];
        if (units.Length <= 1)
        {
            return units.Length == 1 ? units[0] : null;
        }

        var half = units.Length / 2;
        _trials.Push(new ArraySegment<TrialUnit>(units, half, units.Length - half));
        _trials.Push(new ArraySegment<TrialUnit>(units, 0, half));
        return null;
    }

    /// <summary>The units of the next trial.</summary>
    public ArraySegment<TrialUnit> Next() => _trials.Pop();

    /// <summary>Forgets all trials.</summary>
    public void Clear() => _trials.Clear();
}
