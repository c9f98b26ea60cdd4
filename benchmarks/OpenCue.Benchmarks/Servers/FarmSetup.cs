using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Benchmarks.Engines;
using OpenCue.Engine.Storing;
using OpenCue.Storage.Postgres;
using OpenCue.Storage.Sqlite;

namespace OpenCue.Benchmarks.Servers;

/// <summary>Farms that a server finds in its store when it starts: made by the engine alone, which is quicker than by calls.</summary>
internal static class FarmSetup
{
    private const int EnoughPoints = 100_000_000;

    /// <summary>A store in a PostgreSQL database.</summary>
    public static IFarmStore Postgres(string database) =>
        new PostgresFarmStore(database, false, TimeProvider.System, NullLogger<PostgresFarmStore>.Instance);

    /// <summary>A store in the folder that a server is given.</summary>
    public static IFarmStore Sqlite(string folder) =>
        new SqliteFarmStore(Path.Combine(folder, "cue.db"), TimeProvider.System, NullLogger<SqliteFarmStore>.Instance);

    /// <summary>Makes a new farm whose show <c>testing</c> may have as many cores as there are.</summary>
    /// <param name="store">The empty store; it is disposed.</param>
    /// <param name="fill">Adds what else there is to be.</param>
    public static async Task PrepareAsync(IFarmStore store, Func<EngineFarm, InstantAgents, Task>? fill = null)
    {
        InstantAgents? agents = null;
        await using var farm = await EngineFarm.StartAsync(store, farm => agents = new InstantAgents(farm, completes: false));
        await farm.SetBurstAsync(EnoughPoints);
        await (fill?.Invoke(farm, agents!) ?? Task.CompletedTask);
        await agents!.RestAsync(CancellationToken.None);
    }
}
