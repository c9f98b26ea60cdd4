using Microsoft.Extensions.Logging;
using Npgsql;

namespace OpenCue.Storage.Postgres;

/// <summary>Makes connections that are set up the way the store needs them.</summary>
internal static class PostgresSource
{
    /// <summary>How long one statement, a commit above all, may take before the database counts as away.</summary>
    private const int StatementSeconds = 30;

    // A server that vanishes in the middle of a commit must not hold the lease row until the kernel notices after two hours.
    private const string SessionSettings =
        "SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = off; "
        + "SET idle_in_transaction_session_timeout = '60s'; SET lock_timeout = '20s'; "
        + "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

    private const string SafetySql =
        "SELECT name || ' = ' || setting FROM pg_settings "
        + "WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name";

    /// <summary>The connection string as its parts; what can't be read is refused in words that don't repeat it.</summary>
    public static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString)
            {
                ApplicationName = "cuebot",
                IncludeErrorDetail = true,
                PersistSecurityInfo = false,
                MaxAutoPrepare = 100,
                AutoPrepareMinUsages = 2,
                Enlist = false,
            };
            if (!settings.ShouldSerialize("Command Timeout"))
            {
                settings.CommandTimeout = StatementSeconds;
            }

            settings.Host ??= "localhost";
            settings.Database ??= settings.Username;
            return settings;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The exception's message may quote the string, and with it the password.
            throw new StoreUnavailableException(
                "The PostgreSQL connection string can't be read. It looks like this: Host=db.example;Database=cue;Username=cue;Password=...");
        }
    }

    /// <summary>Opens connections; refuses a database that does not keep what it acknowledges, unless told otherwise.</summary>
    public static NpgsqlDataSource Create(NpgsqlConnectionStringBuilder settings, string description, bool allowUnsafe, ILoggerFactory? logs)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UseLoggerFactory(logs);
        builder.UsePhysicalConnectionInitializer(
            connection => SetUp(connection, description, allowUnsafe),
            connection =>
            {
                SetUp(connection, description, allowUnsafe);
                return Task.CompletedTask;
            });
        return builder.Build();
    }

    private static void SetUp(NpgsqlConnection connection, string description, bool allowUnsafe)
    {
        using (var settings = new NpgsqlCommand(SessionSettings, connection))
        {
            settings.ExecuteNonQuery();
        }

        if (allowUnsafe)
        {
            return;
        }

        using var command = new NpgsqlCommand(SafetySql, connection);
        using var reader = command.ExecuteReader();
        var off = new List<string>();
        while (reader.Read())
        {
            off.Add(reader.GetString(0));
        }

        if (off.Count > 0)
        {
            throw new StoreUnavailableException(
                $"{description} would lose acknowledged work when its machine loses power: {string.Join(", ", off)}. Set this on, "
                + "or allow an unsafe store if the data may be lost.");
        }
    }
}
