using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Console;
using OpenCue.Cuebot.Api;
using OpenCue.Cuebot.Api.Edge;
using OpenCue.Cuebot.Api.Explaining;
using OpenCue.Cuebot.Api.Logs;
using OpenCue.Cuebot.Events;
using OpenCue.Cuebot.Hosting.Logging;
using OpenCue.Cuebot.Hosting.Options;
using OpenCue.Cuebot.Hosting.Steps;
using OpenCue.Cuebot.Launching;
using OpenCue.Cuebot.Maintenance;
using OpenCue.Cuebot.Reports;
using OpenCue.Engine;
using OpenCue.Engine.Storing;
using OpenCue.Farm.Scheduling.Policies;
using OpenCue.Rpc.Server;
using OpenCue.Specs.Launch;

namespace OpenCue.Cuebot.Hosting;

/// <summary>Puts the server together. Tests build the same one, with another store or clock.</summary>
internal static class CuebotServer
{
    private static readonly TimeSpan LocalStorePatience = TimeSpan.FromSeconds(10);

    /// <summary>A server that is not started.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="configure">Replaces parts, for tests.</param>
    public static WebApplication Build(CuebotOptions options, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(CuebotServer).Assembly.GetName().Name });
        AddLogging(builder.Logging, options.LogLevel);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.ListenRpc(options.Bind, options.Port, options.Certificate);
            kestrel.ListenWeb(options.Bind, options.HttpPort, options.Certificate);
        });
        AddFarm(builder.Services, options);
        AddApi(builder.Services, options);
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        Map(app);
        return app;
    }

    private static void AddLogging(ILoggingBuilder logging, LogLevel level)
    {
        logging.SetMinimumLevel(level);

        // Their entries tell of single requests; ours tell of what happened.
        logging.AddFilter("Microsoft", level > LogLevel.Warning ? level : LogLevel.Warning);
        logging.AddConsole(console => console.FormatterName = PlainConsoleFormatter.FormatterName);
        logging.AddConsoleFormatter<PlainConsoleFormatter, ConsoleFormatterOptions>();
    }

    private static void AddFarm(IServiceCollection services, CuebotOptions options)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(options.Farm);
        services.AddSingleton<ServerOutcome>();
        services.AddSingleton<ServerStart>();
        services.AddSingleton<IFarmStore>(provider => new PatientStore(
            Stores.Make(options, provider),
            options.Postgres is null ? LocalStorePatience : Timeout.InfiniteTimeSpan,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PatientStore>>()));
        services.AddSingleton(new EngineOptions
        {
            Owner = $"cuebot on {Environment.MachineName}, process {Environment.ProcessId}",
            Seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong))),
            Farm = options.Farm,
        });
        services.AddSingleton(_ => new Meter("OpenCue.Cuebot"));
        services.AddSingleton<EngineInstruments>();
        services.AddSingleton<FarmEngine>();
        services.AddSingleton<EventLog>();
        services.AddSingleton(_ => new SchedulingPolicies(options.Policies, options.Farm.SchedulingPolicy));
        services.AddSingleton<PolicyAlarms>();
        services.AddSingleton<SchedulerStep>();
        services.AddSingleton<IBatchStep, MaintenanceStep>();
        services.AddSingleton<IBatchStep, BulkOperationStep>();
        services.AddSingleton<IBatchStep>(provider => provider.GetRequiredService<SchedulerStep>());
        services.AddLaunching(options);
        services.AddHostedService<FarmService>();
    }

    private static void AddApi(IServiceCollection services, CuebotOptions options)
    {
        services.AddRpc(rpc =>
        {
            rpc.WhileStopping = WhileStopping;
            foreach (var origin in options.AllowedOrigins)
            {
                rpc.AllowedOrigins.Add(origin);
            }
        });
        services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        services.AddSingleton<IRpcExceptionMapper, FarmExceptionMapper>();
        services.AddSingleton<FarmAccess>();
        services.AddSingleton(new JobSpecOptions
        {
            MinMemoryKib = options.Farm.MemoryReservedMinKib,
            UsualMaxMemoryKib = options.Farm.MemoryReservedMaxKib,
            MaxGpuMemoryKib = options.Farm.GpuMemoryReservedMaxKib,
        });
        services.AddSingleton<Explainer>();
        services.AddSingleton<JobLauncher>();
        services.AddSingleton<LogReader>();
        AddReports(services, options);
    }

    private static void AddReports(IServiceCollection services, CuebotOptions options)
    {
        services.AddSingleton<ReportInstruments>();
        services.AddSingleton<RefusalLog>();
        services.AddSingleton(provider => new ReportPace(
            options.ReportAnswerWait, provider.GetRequiredService<ReportInstruments>(), provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<ReportPacing>();
        services.AddOptions<RpcServerOptions>().Configure<ReportPace>((rpc, pace) => rpc.CallEnded = call =>
        {
            if (call.Method.Name != nameof(ReportService.ReportStatus))
            {
                pace.NoteOther();
            }
        });
    }

    private static void Map(WebApplication app)
    {
        app.MapRpcService<AdminService>();
        app.MapRpcService<AllocationService>();
        app.MapRpcService<CueService>();
        app.MapRpcService<DependService>();
        app.MapRpcService<ExplainService>();
        app.MapRpcService<FacilityService>();
        app.MapRpcService<FrameService>();
        app.MapRpcService<GroupService>();
        app.MapRpcService<HostService>();
        app.MapRpcService<JobService>();
        app.MapRpcService<LayerService>();
        app.MapRpcService<LimitDetailService>();
        app.MapRpcService<LimitService>();
        app.MapRpcService<ProcService>();
        app.MapRpcService<ReportService>();
        app.MapRpcService<SchedulingService>();
        app.MapRpcService<ServiceService>();
        app.MapRpcService<ShowService>();
        app.MapRpcService<SubscriptionService>();
        app.MapRpcHealth();
        app.MapRpcReflection();
        WebPages.Map(app);
    }

    /// <summary>
    /// Agents whose report is cut off send it again, queries are served to the end, and what would change the farm is told to come back.
    /// </summary>
    private static RpcWhileStopping WhileStopping(IMethod method) =>
        method.ServiceName == Wire.Reports.RqdReportInterface.Descriptor.FullName ? RpcWhileStopping.DropConnection
        : Queries.Any(verb => method.Name.StartsWith(verb, StringComparison.Ordinal)) ? RpcWhileStopping.Serve
        : RpcWhileStopping.Unavailable;

    private static readonly string[] Queries = ["Get", "Find", "Is", "Read", "Verify", "Explain"];
}
