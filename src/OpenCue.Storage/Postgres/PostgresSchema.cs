using Npgsql;
using OpenCue.Storage.Migrations;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Postgres;

/// <summary>Brings a database's schema up to date.</summary>
internal static class PostgresSchema
{
    private static readonly IReadOnlyList<MigrationScript> Scripts = MigrationScript.For("Postgres");

    /// <summary>Takes the steps that the database lacks, all in one transaction, one server at a time.</summary>
    public static async Task PrepareAsync(NpgsqlConnection connection, string description, TimeProvider time, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);

        // Two servers that start at once must not both make the tables. The number is this program's own, at random.
        await ExecuteAsync(connection, "SELECT pg_advisory_xact_lock(7021394425081)", cancel);
        await ExecuteAsync(
            connection,
            "CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at_ms bigint NOT NULL)",
            cancel);
        var missing = MigrationScript.Missing(Scripts, await AppliedAsync(connection, cancel), description).ToList();
        foreach (var script in missing)
        {
            await ExecuteAsync(connection, script.Sql, cancel);
            await using var note = new NpgsqlCommand(
                "INSERT INTO migration (number, name, checksum, applied_at_ms) VALUES ($1, $2, $3, $4)", connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<int> { TypedValue = script.Number },
                    new NpgsqlParameter<string> { TypedValue = script.Name },
                    new NpgsqlParameter<string> { TypedValue = script.Checksum },
                    new NpgsqlParameter<long> { TypedValue = time.GetUtcNow().ToUnixTimeMilliseconds() },
                },
            };
            await note.ExecuteNonQueryAsync(cancel);
        }

        await WriteMeaningsAsync(connection, cancel);
        await transaction.CommitAsync(cancel);
    }

    private static async Task<List<AppliedMigration>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT number, name, checksum FROM migration ORDER BY number", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var applied = new List<AppliedMigration>();
        while (await reader.ReadAsync(cancel))
        {
            applied.Add(new AppliedMigration(reader.GetInt32(0), reader.GetString(1), reader.GetString(2)));
        }

        return applied;
    }

    private static async Task WriteMeaningsAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var all = Meanings.All.ToList();
        await using var command = new NpgsqlCommand(
            "INSERT INTO meaning (column_name, value, name) SELECT * FROM unnest($1, $2, $3) "
            + "ON CONFLICT (column_name, value) DO UPDATE SET name = excluded.name WHERE meaning.name <> excluded.name",
            connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = [.. all.Select(m => m.Column)] },
                new NpgsqlParameter<short[]> { TypedValue = [.. all.Select(m => m.Value)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. all.Select(m => m.Name)] },
            },
        };
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
