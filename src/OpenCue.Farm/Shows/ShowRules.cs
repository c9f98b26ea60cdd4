using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Shows;

/// <summary>How shows come to be.</summary>
public static class ShowRules
{
    /// <summary>
    /// Creates a show with its root group. The name is conformed; a name or alias that exists is refused (OpenCue makes a second show,
    /// which nobody can find by name any more).
    /// </summary>
    public static Show Create(FarmEdit edit, string name)
    {
        var conformed = Conform(name);
        if (edit.Farm.FindShow(conformed) is { } existing)
        {
            throw new FarmException(Refusal.AlreadyExists, existing.Row.Name == conformed
                ? $"The show {conformed} exists already."
                : $"The name {conformed} is an alias of the show {existing.Row.Name}.");
        }

        // The defaults for GPUs are shown to people only; OpenCue's 100 and 100000 are meant as hundredths, which GPUs are not counted in.
        var show = new Show(new ShowRow { Id = edit.NewId(), Name = conformed, DefaultMinGpus = 0 });
        edit.Add(show);
        edit.Add(new Group(new GroupRow { Id = edit.NewId(), ShowId = show.Id, Name = conformed }, show));
        edit.Emit(FarmEventKind.Administration, show.Id, reason: $"show {conformed} created");
        return show;
    }

    private static string Conform(string name)
    {
        try
        {
            return NameRules.Show(name);
        }
        catch (InvalidNameException e)
        {
            throw FarmException.Invalid(e.Message);
        }
    }
}
