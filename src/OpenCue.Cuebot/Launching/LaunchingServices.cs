using OpenCue.Cuebot.Hosting.Options;
using OpenCue.Engine.Sinks;

namespace OpenCue.Cuebot.Launching;

/// <summary>Puts together what talks to agents.</summary>
internal static class LaunchingServices
{
    /// <summary>Calls to agents.</summary>
    public static IServiceCollection AddLaunching(this IServiceCollection services, CuebotOptions options)
    {
        services.AddSingleton(new LauncherOptions());
        services.AddSingleton<LauncherInstruments>();
        services.AddSingleton(provider => new AgentClients(options.RqdPort, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IAgentClients>(provider => provider.GetRequiredService<AgentClients>());
        services.AddSingleton<AgentCaller>();
        services.AddSingleton<Launcher>();
        services.AddSingleton<IEffectSink>(provider => provider.GetRequiredService<Launcher>());
        return services;
    }
}
