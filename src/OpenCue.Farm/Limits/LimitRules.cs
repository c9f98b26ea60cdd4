using OpenCue.Farm.Changes;

namespace OpenCue.Farm.Limits;

/// <summary>How limits come, change and go.</summary>
public static class LimitRules
{
    private const int LongestName = 256;

    /// <summary>Creates a limit. A name that exists is refused (OpenCue makes a second one, and finds neither by name from then on).</summary>
    public static Limit Create(FarmEdit edit, string name, int maxValue, LimitKind kind = LimitKind.Frame, int headroom = 0)
    {
        var row = Checked(new LimitRow(edit.NewId(), CheckedName(edit.Farm, name), maxValue, kind, headroom));
        var limit = new Limit(row);
        edit.Add(limit);
        edit.Emit(FarmEventKind.Administration, limit.Id, reason: $"limit {name} created: {Describe(row)}");
        return limit;
    }

    /// <summary>Deletes a limit: what was under it is held back by it no more.</summary>
    public static void Delete(FarmEdit edit, Limit limit)
    {
        edit.Remove(limit);
        edit.Emit(FarmEventKind.Administration, limit.Id, reason: $"limit {limit.Row.Name} deleted");
    }

    /// <summary>Gives a limit another name. Layers stay under it.</summary>
    public static void Rename(FarmEdit edit, Limit limit, string name)
    {
        if (limit.Row.Name == name)
        {
            return;
        }

        var old = limit.Row.Name;
        edit.Set(limit, limit.Row with { Name = CheckedName(edit.Farm, name) });
        edit.Emit(FarmEventKind.SettingChanged, limit.Id, reason: $"name of limit {old}: {old} -> {name}");
    }

    /// <summary>
    /// Changes what a limit allows; null leaves a value as it is. Less than is in use kills nothing: nothing new starts until enough has ended.
    /// </summary>
    public static void Change(FarmEdit edit, Limit limit, int? maxValue = null, LimitKind? kind = null, int? headroom = null)
    {
        var old = limit.Row;
        var row = Checked(old with { MaxValue = maxValue ?? old.MaxValue, Kind = kind ?? old.Kind, Headroom = headroom ?? old.Headroom });
        if (row == old)
        {
            return;
        }

        edit.Set(limit, row);
        edit.Emit(FarmEventKind.SettingChanged, limit.Id, reason: $"limit {old.Name}: {Describe(old)} -> {Describe(row)}");
    }

    private static string Describe(LimitRow row)
    {
        var noun = row.Kind.ToString().ToLowerInvariant();
        return $"{row.MaxValue} {noun}{(row.MaxValue == 1 ? "" : "s")}{(row.Headroom > 0 ? $", {row.Headroom} held back" : "")}";
    }

    private static LimitRow Checked(LimitRow row)
    {
        if (row.MaxValue < 0)
        {
            throw FarmException.Invalid($"The maximum of limit {row.Name} can't be {row.MaxValue}: write 0 to stop its layers, or more.");
        }

        if (row.Headroom < 0)
        {
            throw FarmException.Invalid($"Limit {row.Name} can't hold back {row.Headroom}: write 0 to hold back nothing, or more.");
        }

        return Enum.IsDefined(row.Kind) ? row : throw FarmException.Invalid($"There is no kind of limit {(int)row.Kind}.");
    }

    private static string CheckedName(FarmModel farm, string name)
    {
        if (name.Length is 0 or > LongestName || name != name.Trim() || name.Any(c => c == ',' || char.IsControl(c)))
        {
            throw FarmException.Invalid(
                $"A limit can't be named \"{name}\": a name has 1 to {LongestName} characters, no comma, and no space around it.");
        }

        return farm.Limits.Find(name) is null
            ? name
            : throw new FarmException(Refusal.AlreadyExists, $"The limit {name} exists already. Change it, or choose another name.");
    }
}
