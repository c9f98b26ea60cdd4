using System.Globalization;
using OpenCue.Storage.Migrations;
using OpenCue.Storage.Sqlite.Native;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Sqlite;

/// <summary>Brings a file's schema up to date.</summary>
internal static class SqliteSchema
{
    private static readonly IReadOnlyList<MigrationScript> Scripts = MigrationScript.For("Sqlite");

    /// <summary>Takes the steps that the file lacks, each in one transaction, and writes the names of numbers.</summary>
    public static void Prepare(SqliteConnection connection, string description, TimeProvider time)
    {
        var hasMigrations = connection.Ask("SELECT 1 FROM sqlite_master WHERE name = 'migration'") is not null;
        if (!hasMigrations && connection.Ask("SELECT name FROM sqlite_master WHERE type = 'table'") is { } stranger)
        {
            throw new StoreDataException(stranger, null, $"{description} is a database of another program: it has a table {stranger}. Choose another file.");
        }

        connection.Execute(
            "CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at_ms integer NOT NULL) STRICT");
        var missing = MigrationScript.Missing(Scripts, Applied(connection), description).ToList();
        foreach (var script in missing)
        {
            Transact(connection, () =>
            {
                connection.Execute(script.Sql);
                var note = connection.Prepare("INSERT INTO migration (number, name, checksum, applied_at_ms) VALUES (?1, ?2, ?3, ?4)");
                note.Int(script.Number);
                note.Text(script.Name);
                note.Text(script.Checksum);
                note.Long(time.GetUtcNow().ToUnixTimeMilliseconds());
                note.Run();
            });
        }

        Transact(connection, () => WriteMeanings(connection));
    }

    /// <summary>Does something in one transaction.</summary>
    public static void Transact(SqliteConnection connection, Action action)
    {
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            action();
            connection.Execute("COMMIT");
        }
        catch
        {
            if (connection.InTransaction)
            {
                connection.Execute("ROLLBACK");
            }

            throw;
        }
    }

    private static List<AppliedMigration> Applied(SqliteConnection connection)
    {
        var applied = new List<AppliedMigration>();
        var all = connection.Prepare("SELECT number, name, checksum FROM migration ORDER BY number");
        while (all.Step())
        {
            applied.Add(new AppliedMigration(int.Parse(all.Text(0), CultureInfo.InvariantCulture), all.Text(1), all.Text(2)));
        }

        all.Reset();
        return applied;
    }

    private static void WriteMeanings(SqliteConnection connection)
    {
        connection.Execute("DELETE FROM meaning");
        var insert = connection.Prepare("INSERT INTO meaning (column_name, value, name) VALUES (?1, ?2, ?3)");
        foreach (var meaning in Meanings.All)
        {
            insert.Text(meaning.Column);
            insert.Small(meaning.Value);
            insert.Text(meaning.Name);
            insert.Run();
        }
    }
}
