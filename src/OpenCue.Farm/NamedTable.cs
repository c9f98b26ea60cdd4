using System.Diagnostics.CodeAnalysis;
using OpenCue.Farm.Changes;

namespace OpenCue.Farm;

/// <summary>A row whose entity is also found by a unique name.</summary>
public interface INamedRow : IRow
{
    /// <summary>The name.</summary>
    string Name { get; }
}

/// <summary>Entities of one kind, found by id and by unique name (exact, case-sensitive).</summary>
public sealed class NamedTable<TEntity, TRow>
    where TEntity : Entity<TRow>
    where TRow : class, INamedRow
{
    private readonly Dictionary<EntityId, TEntity> _byId = [];
    private readonly Dictionary<string, TEntity> _byName = new(StringComparer.Ordinal);

    /// <summary>All of them, in no order.</summary>
    public Dictionary<EntityId, TEntity>.ValueCollection All => _byId.Values;

    /// <summary>How many there are.</summary>
    public int Count => _byId.Count;

    /// <summary>The one with this id, or null.</summary>
    public TEntity? Find(EntityId id) => _byId.GetValueOrDefault(id);

    /// <summary>The one with this name, or null.</summary>
    public TEntity? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The one with this id.</summary>
    public bool TryGet(EntityId id, [NotNullWhen(true)] out TEntity? entity) => _byId.TryGetValue(id, out entity);

    /// <summary>The one with this name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out TEntity? entity) => _byName.TryGetValue(name, out entity);

    internal void Add(TEntity entity)
    {
        _byId.Add(entity.Id, entity);
        _byName.Add(entity.Row.Name, entity);
    }

    internal void Remove(TEntity entity)
    {
        _byId.Remove(entity.Id);
        _byName.Remove(entity.Row.Name);
    }

    internal void Rename(TEntity entity, string from, string to)
    {
        if (from != to)
        {
            _byName.Remove(from);
            _byName.Add(to, entity);
        }
    }
}
