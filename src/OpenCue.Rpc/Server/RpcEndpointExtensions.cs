using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace OpenCue.Rpc.Server;

/// <summary>Maps services: each method is served at <c>POST /package.Service/Method</c> by gRPC, gRPC-Web and JSON.</summary>
public static class RpcEndpointExtensions
{
    private static readonly string[] Post = [HttpMethods.Post];
    private static readonly string[] PostAndOptions = [HttpMethods.Post, HttpMethods.Options];

    /// <summary>Maps a service. One object serves all calls: the registered one, or one made now.</summary>
    /// <typeparam name="TService">A class that derives from a generated service base.</typeparam>
    /// <param name="endpoints">The application.</param>
    /// <returns>Where conventions (a required port, authorisation) can be added to all of its methods.</returns>
    /// <exception cref="InvalidOperationException"><see cref="RpcServiceExtensions.AddRpc"/> was not called, or a method is mapped twice.</exception>
    public static IEndpointConventionBuilder MapRpcService<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TService>(
        this IEndpointRouteBuilder endpoints)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        return endpoints.MapRpcService(services.GetService<TService>() ?? ActivatorUtilities.CreateInstance<TService>(services));
    }

    /// <summary>Maps a service object.</summary>
    /// <typeparam name="TService">A class that derives from a generated service base.</typeparam>
    /// <param name="endpoints">The application.</param>
    /// <param name="service">Serves all calls.</param>
    /// <returns>Where conventions (a required port, authorisation) can be added to all of its methods.</returns>
    /// <exception cref="InvalidOperationException"><see cref="RpcServiceExtensions.AddRpc"/> was not called, or a method is mapped twice.</exception>
    public static IEndpointConventionBuilder MapRpcService<TService>(this IEndpointRouteBuilder endpoints, TService service)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(service);
        var server = Server(endpoints);
        var (methods, descriptor) = MethodBinder.Bind(service, server.Options);
        server.Add(methods, descriptor);
        return Map(endpoints, server, methods);
    }

    /// <summary>Maps <c>grpc.health.v1.Health</c>; what it says is set in <see cref="RpcHealth"/>.</summary>
    /// <param name="endpoints">The application.</param>
    public static IEndpointConventionBuilder MapRpcHealth(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapRpcService<HealthService>();

    /// <summary>
    /// Maps <c>grpc.reflection.v1.ServerReflection</c>, also under its older name in v1alpha: tools can list the mapped
    /// services and learn their messages.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    public static IEndpointConventionBuilder MapRpcReflection(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var server = Server(endpoints);
        var service = new ReflectionService(server);
        var (methods, descriptor) = MethodBinder.Bind(service, server.Options);
        server.Add(methods, descriptor);
        var older = service.OlderMethods(server.Options);
        server.Add(older, null);
        return Map(endpoints, server, [.. methods, .. older]);
    }

    private static RpcServer Server(IEndpointRouteBuilder endpoints) =>
        endpoints.ServiceProvider.GetService<RpcServer>()
        ?? throw new InvalidOperationException("No RpcServer is registered; call AddRpc on the services first.");

    private static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints, RpcServer server, IReadOnlyList<ServerMethod> methods)
    {
        var group = endpoints.MapGroup("");
        foreach (var method in methods)
        {
            // A lambda's parameter type decides between a plain request delegate and one that ASP.NET inspects at length.
            RequestDelegate handle = http => server.HandleAsync(http, method);
            group.MapMethods(method.Info.FullName, server.CrossOrigin.IsOffered ? PostAndOptions : Post, handle);
        }

        return group;
    }
}
