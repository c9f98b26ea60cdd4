using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace OpenCue.Rpc.Server;

/// <summary>Registers what a server needs.</summary>
public static class RpcServiceExtensions
{
    /// <summary>
    /// Registers <see cref="RpcServer"/> and <see cref="RpcHealth"/>. Calls of services that are not mapped are answered
    /// UNIMPLEMENTED. The host's shutdown timeout becomes <see cref="RpcServerOptions.ShutdownGrace"/>.
    /// </summary>
    /// <param name="services">Where to register.</param>
    /// <param name="configure">Sets options; they are checked when the host starts.</param>
    public static IServiceCollection AddRpc(this IServiceCollection services, Action<RpcServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<RpcServerOptions>().Configure(options => configure?.Invoke(options)).ValidateOnStart();
        services.AddRouting();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RpcServerOptions>, OptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, UnknownCallFilter>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RpcServer>();
        services.TryAddSingleton<RpcHealth>();
        services.AddOptions<HostOptions>().Configure<IOptions<RpcServerOptions>>(
            (host, rpc) => host.ShutdownTimeout = rpc.Value.ShutdownGrace);
        return services;
    }

    private sealed class OptionsCheck : IValidateOptions<RpcServerOptions>
    {
        public ValidateOptionsResult Validate(string? name, RpcServerOptions options) =>
            options.Problems().ToList() is { Count: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }

    // Comes after all endpoints: what none of them took and speaks gRPC or JSON is a call of an unknown method.
    private sealed class UnknownCallFilter(RpcServer server) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            next(app);
            app.Use(following => http => server.HandleUnknownAsync(http, following));
        };
    }
}
