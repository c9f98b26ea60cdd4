using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Services;

namespace OpenCue.Cuebot.Api;

/// <summary><c>service.ServiceInterface</c>: services are kinds of work with what they need by default.</summary>
internal sealed class ServiceService(FarmAccess access) : Wire.ServiceInterface.ServiceInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<Wire.ServiceGetDefaultServicesResponse> GetDefaultServices(
        Wire.ServiceGetDefaultServicesRequest request, ServerCallContext context)
    {
        var services = await access.ReadAsync(request, context, farm => farm.Services.FarmWide.Select(ServiceMessages.Of).ToList());
        return new() { Services = new() { Services = { services.OrderBy(service => service.Name, StringComparer.Ordinal) } } };
    }

    /// <inheritdoc/>
    public override async Task<Wire.ServiceGetServiceResponse> GetService(Wire.ServiceGetServiceRequest request, ServerCallContext context) => new()
    {
        Service = await access.ReadAsync(request, context, farm =>
            ServiceMessages.Of(Find(farm.Services, request.Name) ?? throw Lookup.Missing("Service", "id or name", request.Name))),
    };

    private static Service? Find(ServiceTable services, string idOrName) =>
        EntityId.TryParse(idOrName, out var id) && services.TryGet(id, out var service) && service.Row.ShowId is null
            ? service
            : services.FarmWide.FirstOrDefault(candidate => candidate.Row.Name == idOrName);
}
