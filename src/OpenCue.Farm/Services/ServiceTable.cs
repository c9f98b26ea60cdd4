using System.Diagnostics.CodeAnalysis;

namespace OpenCue.Farm.Services;

/// <summary>All services and the shows' overrides of them.</summary>
public sealed class ServiceTable
{
    private readonly Dictionary<EntityId, Service> _byId = [];
    private readonly Dictionary<(EntityId? Show, string Name), Service> _byName = [];

    /// <summary>All, overrides too.</summary>
    public IReadOnlyCollection<Service> All => _byId.Values;

    /// <summary>The farm's own services, without overrides.</summary>
    public IEnumerable<Service> FarmWide => _byId.Values.Where(s => s.Row.ShowId is null);

    /// <summary>The service with this id.</summary>
    public bool TryGet(EntityId id, [NotNullWhen(true)] out Service? service) => _byId.TryGetValue(id, out service);

    /// <summary>The show's override of this name, else the farm's own service, else null.</summary>
    public Service? Find(EntityId show, string name) =>
        _byName.TryGetValue((show, name), out var service) || _byName.TryGetValue((null, name), out service) ? service : null;

    internal void Add(Service service)
    {
        _byId.Add(service.Id, service);
        _byName.Add((service.Row.ShowId, service.Row.Name), service);
    }

    internal void Remove(Service service)
    {
        _byId.Remove(service.Id);
        _byName.Remove((service.Row.ShowId, service.Row.Name));
    }

    internal void Rename(Service service, ServiceRow from, ServiceRow to)
    {
        if (from.Name != to.Name || from.ShowId != to.ShowId)
        {
            _byName.Remove((from.ShowId, from.Name));
            _byName.Add((to.ShowId, to.Name), service);
        }
    }
}
