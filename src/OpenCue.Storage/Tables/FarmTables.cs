using OpenCue.Farm.Changes;
using OpenCue.Farm.Loading;

namespace OpenCue.Storage.Tables;

/// <summary>Every kind of row that is stored. A new kind is one line here, one description beside the others, and a migration.</summary>
internal static class FarmTables
{
    /// <summary>The tables of rows with an identity, in the order in which a reader would explain them.</summary>
    public static IReadOnlyList<IFarmTable> All { get; } =
    [
        Of(ShowTables.Facility, rows => rows.Facilities),
        Of(ShowTables.Allocation, rows => rows.Allocations),
        Of(ShowTables.Show, rows => rows.Shows),
        Of(ShowTables.Group, rows => rows.Groups),
        Of(ShowTables.Subscription, rows => rows.Subscriptions),
        Of(ShowTables.ShareUse, rows => rows.ShareUses),
        Of(ShowTables.Service, rows => rows.Services),
        Of(ShowTables.Limit, rows => rows.Limits),
        Of(HostTables.Host, rows => rows.Hosts),
        Of(HostTables.HostStat, rows => rows.HostStats),
        Of(JobTables.Job, rows => rows.Jobs),
        Of(JobTables.Layer, rows => rows.Layers),
        Of(JobTables.LayerUsage, rows => rows.LayerUsage),
        Of(JobTables.FramesAtRest, rows => rows.FramesAtRest),
        Of(RunTables.Depend, rows => rows.Depends),
        Of(RunTables.DependMarks, rows => rows.DependMarks),
        Of(HostTables.Proc, rows => rows.Procs),
        Of(RunTables.Run, rows => rows.Runs, RunTables.LiveRuns),
        Of(RunTables.OldRun, rows => rows.OldRuns),
        Of(JobTables.BulkOperation, rows => rows.Operations),
    ];

    private static FarmTable<TRow> Of<TRow>(Table<TRow> table, Func<FarmRows, List<TRow>> list, string? live = null)
        where TRow : class, IRow => new(table, list, live);
}

/// <summary>A stored kind of row, without its type.</summary>
internal interface IFarmTable
{
    /// <summary>The table.</summary>
    Table Table { get; }

    /// <summary>Which of its rows are loaded; null means all. The others are history.</summary>
    string? Live { get; }

    /// <summary>Calls the visitor with the row type.</summary>
    TResult Accept<TResult>(IFarmTableVisitor<TResult> visitor);
}

/// <summary>Something that is done for each stored kind of row, knowing its type.</summary>
internal interface IFarmTableVisitor<out TResult>
{
    /// <summary>Does it for one kind.</summary>
    TResult Visit<TRow>(FarmTable<TRow> table)
        where TRow : class, IRow;
}

/// <summary>A stored kind of row and the list in which a load puts it.</summary>
internal sealed class FarmTable<TRow>(Table<TRow> table, Func<FarmRows, List<TRow>> list, string? live) : IFarmTable
    where TRow : class, IRow
{
    Table IFarmTable.Table => table;

    public Table<TRow> Table => table;

    public string? Live => live;

    /// <summary>Where a load puts the rows.</summary>
    public List<TRow> List(FarmRows rows) => list(rows);

    public TResult Accept<TResult>(IFarmTableVisitor<TResult> visitor) => visitor.Visit(this);
}
