using System.Text.RegularExpressions;
using OpenCue.Storage.Migrations;
using OpenCue.Storage.Tables;
using OpenCue.Storage.Tests.Support;

namespace OpenCue.Storage.Tests;

/// <summary>The tables are described twice, in C# for the statements and in SQL for the databases: both must say the same.</summary>
public sealed partial class SchemaTests(PostgresServer server)
{
    private static readonly IReadOnlyList<Table> Described =
        [.. FarmTables.All.Select(t => t.Table), RunTables.Frame, AuditTable.Audit, HostNumberTable.HostNumber];

    [Fact]
    public void Every_kind_of_row_of_the_farm_has_a_table() =>
        Assert.Equal(StoredRows.RowTypes.Select(t => t.Name).Order(), FarmTables.All.Select(t => t.Table.RowType.Name).Order());

    [Fact]
    public async Task The_migrations_make_the_tables_that_are_described_in_Sqlite()
    {
        await using var home = new SqliteHome();
        await AssertDescribedAsync(
            home,
            table => $"""
                SELECT c.name, lower(c.type), CASE WHEN c."notnull" = 1 THEN 'NO' ELSE 'YES' END, c.pk FROM pragma_table_info('{table}') c ORDER BY c.cid
                """,
            type => type is ColumnType.Uuid or ColumnType.Text ? "text" : "integer");
    }

    [Fact]
    public async Task The_migrations_make_the_tables_that_are_described_in_Postgres()
    {
        await using var home = await PostgresHome.CreateAsync(server);
        await AssertDescribedAsync(
            home,
            table => $"""
                SELECT c.column_name, c.data_type, c.is_nullable, coalesce(k.ordinal_position, 0) FROM information_schema.columns c
                LEFT JOIN information_schema.key_column_usage k
                    ON k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name = c.table_name || '_pkey'
                WHERE c.table_schema = 'public' AND c.table_name = '{table}' ORDER BY c.ordinal_position
                """,
            type => type switch
            {
                ColumnType.Uuid => "uuid",
                ColumnType.Small => "smallint",
                ColumnType.Int => "integer",
                ColumnType.Long => "bigint",
                ColumnType.Bool => "boolean",
                _ => "text",
            });
    }

    [Fact]
    public async Task Numbers_of_enumerations_are_named_in_the_database()
    {
        await using var home = new SqliteHome();
        await PrepareAsync(home);

        Assert.Equal(
            [["0", "WAITING"], ["1", "SETUP"], ["2", "RUNNING"], ["3", "SUCCEEDED"], ["4", "DEPEND"], ["5", "DEAD"], ["6", "EATEN"], ["7", "CHECKPOINT"]],
            await home.AskAsync("SELECT value, name FROM meaning WHERE column_name = 'frame.state' ORDER BY value"));
    }

    [Fact]
    public async Task Views_for_people_work_on_both_databases()
    {
        await using var sqlite = new SqliteHome();
        await using var postgres = await PostgresHome.CreateAsync(server);
        foreach (var (home, list) in (IEnumerable<(StoreHome, string)>)[
            (sqlite, "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name"),
            (postgres, "SELECT table_name FROM information_schema.views WHERE table_schema = 'public' ORDER BY table_name")])
        {
            await PrepareAsync(home);
            var views = (await home.AskAsync(list)).Select(v => v[0]).ToList();
            Assert.Equal(["archived_frames", "archived_jobs", "archived_layers", "audit_trail", "frames", "jobs", "layers", "runs"], views);
            foreach (var view in views)
            {
                Assert.Empty(await home.AskAsync($"SELECT * FROM {view}"));
            }
        }
    }

    [Fact]
    public async Task Questions_in_the_documentation_can_be_asked()
    {
        await using var sqlite = new SqliteHome();
        await using var postgres = await PostgresHome.CreateAsync(server);
        await PrepareAsync(sqlite);
        await PrepareAsync(postgres);
        var text = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot(), "docs", "database.md"));
        var questions = Question().Matches(text);
        Assert.InRange(questions.Count, 5, 100);
        foreach (Match question in questions)
        {
            var (said, sql) = (question.Groups[1].Value, question.Groups[2].Value);
            if (!said.Contains("SQLite:", StringComparison.Ordinal))
            {
                await postgres.AskAsync(sql);
            }

            if (!said.Contains("PostgreSQL:", StringComparison.Ordinal))
            {
                await sqlite.AskAsync(sql);
            }
        }
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public void Migrations_are_numbered_without_gaps_from_1(string dialect)
    {
        var scripts = MigrationScript.For(dialect);

        Assert.NotEmpty(scripts);
        Assert.Equal(Enumerable.Range(1, scripts.Count), scripts.Select(s => s.Number));
        Assert.Equal(MigrationScript.For("Sqlite").Select(s => s.Name), scripts.Select(s => s.Name));
    }

    // What is asked, in words that name a database if it is for that one alone, and how.
    [GeneratedRegex(@"^(\S[^\n]*:)\n\n```sql\n(.*?)\n```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Question();

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "OpenCue.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder;
    }

    private static async Task PrepareAsync(StoreHome home)
    {
        await using var store = home.Open();
        await store.TakeOverAsync("first", default);
    }

    private static async Task AssertDescribedAsync(StoreHome home, Func<string, string> columnsOf, Func<ColumnType, string> typeName)
    {
        await PrepareAsync(home);
        foreach (var table in Described)
        {
            var columns = await home.AskAsync(columnsOf(table.Name));
            Assert.Equal(table.Columns.Select((c, i) => Describe(table, c, i < table.KeyColumns ? i + 1 : 0)).Order(), Columns(table.Name, columns, true));
        }

        // History has all columns of what it keeps, and some more.
        foreach (var (history, kept) in (IEnumerable<(string, Table[])>)[
            ("job_history", [JobTables.Job]), ("layer_history", [JobTables.Layer, JobTables.LayerUsage]), ("frame_history", [RunTables.Frame]),
            ("depend_history", [RunTables.Depend])])
        {
            var columns = Columns(history, await home.AskAsync(columnsOf(history)), false).ToHashSet(StringComparer.Ordinal);
            Assert.All(
                kept.SelectMany(t => t.Columns.Skip(t == JobTables.LayerUsage ? 1 : 0)).Select(c => $"{history}.{c.Name} {typeName(c.Type)} {Null(c)}"),
                column => Assert.Contains(column, columns));
        }

        string Describe(Table table, Column column, int key) => $"{table.Name}.{column.Name} {typeName(column.Type)} {Null(column)} {key}";

        static string Null(Column column) => column.Nullable ? "YES" : "NO";

        static IEnumerable<string> Columns(string table, List<string[]> columns, bool withKey) =>
            columns.Select(c => $"{table}.{c[0]} {c[1]} {c[2]}" + (withKey ? $" {c[3]}" : "")).Order();
    }
}
