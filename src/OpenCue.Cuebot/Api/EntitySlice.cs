using OpenCue.Engine;
using OpenCue.Farm.Changes;

namespace OpenCue.Cuebot.Api;

/// <summary>
/// Some of very many hosts or jobs, to be read in one go that the writer does not notice. Listing them only copies references: it looks at none.
/// </summary>
/// <param name="farm">The farm they are in. If it was loaded anew before they are read, they are none of the new one.</param>
/// <param name="entities">The entities.</param>
internal readonly struct EntitySlice<TEntity>(FarmModel farm, ArraySegment<TEntity> entities)
    where TEntity : Entity
{
    private const int UsualSize = 500;

    /// <summary>All of them, in slices.</summary>
    public static List<EntitySlice<TEntity>> Of(FarmModel farm, ICollection<TEntity> entities, int size = UsualSize)
    {
        var all = new TEntity[entities.Count];
        entities.CopyTo(all, 0);
        var slices = new List<EntitySlice<TEntity>>();
        for (var first = 0; first < all.Length; first += size)
        {
            slices.Add(new EntitySlice<TEntity>(farm, new ArraySegment<TEntity>(all, first, Math.Min(size, all.Length - first))));
        }

        return slices;
    }

    /// <summary>Those that are still in the farm.</summary>
    /// <exception cref="EngineUnavailableException">The farm was loaded anew.</exception>
    public IEnumerable<TEntity> In(FarmModel now) => ReferenceEquals(now, farm)
        ? entities.Where(entity => entity.InFarm)
        : throw new EngineUnavailableException(EngineState.Loading, "The server had to load the farm anew while it answered; try again.");
}
