using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;

namespace OpenCue.Storage.Tables;

/// <summary>Names of all hosts that ever were, by number. Rows stay when hosts go: frames remember their last host by its number.</summary>
internal static class HostNumberTable
{
    public static Table<HostNumberRow> HostNumber { get; } = new TableBuilder<HostNumberRow>("host_number")
        .Int("number", r => r.Number)
        .Key(r => $"{r.Number} ({r.Name})")
        .Text("name", r => r.Name)
        .Build(c => new HostNumberRow(c.Int(), c.Text()));

    /// <summary>The numbers of the hosts that the change set adds or changes.</summary>
    public static IEnumerable<HostNumberRow> Of(ChangeSet changes) =>
        changes.Tables.OfType<RowChanges<HostRow>>().SelectMany(t => t.Upserts)
            .GroupBy(h => h.Number, (number, hosts) => new HostNumberRow(number, hosts.Last().Name));
}

/// <summary>A host's number and its name.</summary>
internal sealed record HostNumberRow(int Number, string Name);
