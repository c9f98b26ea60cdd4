using System.Text;

namespace OpenCue.Storage.Tables;

/// <summary>The names of the numbers in columns that hold enumerations, for the table <c>meaning</c>: they come from the program itself.</summary>
internal static class Meanings
{
    /// <summary>All of them, by column as <c>table.column</c>.</summary>
    public static IEnumerable<Meaning> All =>
        from table in FarmTables.All.Select(t => t.Table).Append(RunTables.Frame).Append(AuditTable.Audit)
        from column in table.Columns
        where column.Meaning is not null
        let type = column.Meaning
        from value in Enum.GetValues(type).Cast<object>()
        select new Meaning($"{table.Name}.{column.Name}", Convert.ToInt16(value, null), UpperSnake(Enum.GetName(type, value)!));

    /// <summary><c>KillJob</c> becomes <c>KILL_JOB</c>, as OpenCue's protocol writes such names.</summary>
    private static string UpperSnake(string pascal)
    {
        var name = new StringBuilder();
        foreach (var c in pascal)
        {
            if (char.IsUpper(c) && name.Length > 0)
            {
                name.Append('_');
            }

            name.Append(char.ToUpperInvariant(c));
        }

        return name.ToString();
    }
}

/// <summary>What a number in a column means.</summary>
internal sealed record Meaning(string Column, short Value, string Name);
