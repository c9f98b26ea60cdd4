using OpenCue.Cuebot.Hosting.Options;
using OpenCue.Engine.Storing;
using OpenCue.Storage.Postgres;
using OpenCue.Storage.Sqlite;

namespace OpenCue.Cuebot.Hosting;

/// <summary>Makes the store that the options name.</summary>
internal static class Stores
{
    /// <summary>The file in the data folder.</summary>
    public const string FileName = "cue.db";

    /// <summary>The store, not taken over yet.</summary>
    public static IFarmStore Make(CuebotOptions options, IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        return options.Postgres is { } connection
            ? new PostgresFarmStore(connection, options.AllowUnsafePostgres, time, services.GetRequiredService<ILogger<PostgresFarmStore>>())
            : new SqliteFarmStore(Path.Combine(options.DataDirectory!, FileName), time, services.GetRequiredService<ILogger<SqliteFarmStore>>());
    }
}
