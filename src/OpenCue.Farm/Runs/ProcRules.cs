using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;

namespace OpenCue.Farm.Runs;

/// <summary>What happens to the places that jobs hold on hosts.</summary>
public static class ProcRules
{
    /// <summary>Gives a place back to its host. It must not run anything.</summary>
    public static void Release(FarmEdit edit, Proc proc)
    {
        if (proc.Run is { } run)
        {
            throw new InvalidOperationException($"Proc {proc.Id} on {proc.Host.Row.Name} still runs {run.Id}; it can't be given back.");
        }

        edit.Remove(proc);
    }

    /// <summary>Says that a place is to be given back when its run ends.</summary>
    public static void Unbook(FarmEdit edit, Proc proc) => edit.Set(proc, proc.Row with { Unbooked = true });
}
