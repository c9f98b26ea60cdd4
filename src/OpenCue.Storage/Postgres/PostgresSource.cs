using Microsoft.Extensions.Logging;
using Npgsql;

namespace OpenCue.Storage.Postgres;

/// <summary>Makes connections that are set up the way the store needs them.</summary>
internal static class PostgresSource
{
    /// <summary>How long one statement, a commit above all, may take before the database counts as away.</summary>
    private const int StatementSeconds = 30;

    // Given when a connection starts, so that they hold for its whole life: what is SET later is forgotten when the pool takes it back.
    // A server that vanishes in the middle of a commit must not hold the lease row until the kernel notices after two hours.
    // Compiling a statement (jit) takes longer than all that it ever saves here.
    private const string SessionSettings =
        @"-c default_transaction_isolation=read\ committed -c default_transaction_read_only=off -c lock_timeout=20s -c jit=off "
        + "-c idle_in_transaction_session_timeout=60s -c statement_timeout=0 "
        + "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

    /// <summary>Ranges of a table's pages, with which the load divides its work, came with this version.</summary>
    private const int OldestVersion = 14;

    private const string SafetySql =
        "SELECT name || ' = ' || setting FROM pg_settings "
        + "WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name";

    /// <summary>
    /// A statement that has the planner find rows by their keys from now on, or in this transaction. All writing is by key; a plan made while a table was
    /// still empty would read all of it, and go on doing so when it holds a million rows.
    /// </summary>
    public static string PlanByKey(bool local)
    {
        var scope = local ? "true" : "false";
        return $"SELECT set_config('enable_seqscan', 'off', {scope}), set_config('enable_hashjoin', 'off', {scope}), "
            + $"set_config('enable_mergejoin', 'off', {scope})";
    }

    /// <summary>The connection string as its parts; what can't be read is refused in words that don't repeat it.</summary>
    public static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString)
            {
                ApplicationName = "cuebot",
                IncludeErrorDetail = true,
                IncludeFailedBatchedCommand = true,
                PersistSecurityInfo = false,
                MaxAutoPrepare = 250,
                AutoPrepareMinUsages = 2,
                Enlist = false,
            };
            if (!settings.ShouldSerialize("Command Timeout"))
            {
                settings.CommandTimeout = StatementSeconds;
            }

            settings.Options = $"{settings.Options} {SessionSettings}".Trim();
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
        if (connection.PostgreSqlVersion.Major < OldestVersion)
        {
            throw new StoreUnavailableException(
                $"{description} runs PostgreSQL {connection.PostgreSqlVersion}; version {OldestVersion} or newer is needed.");
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
