using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenCue.Rpc.Server;

namespace OpenCue.Rpc.Tests;

/// <summary>A real server on free loopback ports.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly LogCollector _logs;

    private TestServer(WebApplication app, TestService service, LogCollector logs)
    {
        _app = app;
        _logs = logs;
        Service = service;
    }

    public TestService Service { get; }

    public RpcServer Rpc => _app.Services.GetRequiredService<RpcServer>();

    public RpcHealth Health => _app.Services.GetRequiredService<RpcHealth>();

    public int RpcPort { get; private set; }

    public int WebPort { get; private set; }

    public string RpcAddress => $"127.0.0.1:{RpcPort}";

    public IReadOnlyCollection<string> Errors => _logs.Errors;

    public ConcurrentQueue<RpcCallEnd> Ended { get; } = new();

    public static async Task<TestServer> StartAsync(
        Action<RpcServerOptions>? configure = null,
        Action<KestrelServerOptions>? kestrel = null,
        X509Certificate2? certificate = null,
        IRpcExceptionMapper? mapper = null,
        int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var logs = new LogCollector();
        builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Warning);
        var service = new TestService();
        builder.Services.AddSingleton(service);
        if (mapper is not null)
        {
            builder.Services.AddSingleton(mapper);
        }

        TestServer? server = null;
        builder.Services.AddRpc(options =>
        {
            options.CallEnded = end => server!.Ended.Enqueue(end);
            options.ShutdownGrace = TimeSpan.FromSeconds(5);
            configure?.Invoke(options);
        });
        builder.WebHost.ConfigureKestrel(options =>
        {
            kestrel?.Invoke(options);
            options.ListenRpc(null, port, certificate);
            options.ListenWeb(null, 0, certificate);
        });
        var app = builder.Build();
        app.MapRpcService<TestService>();
        app.MapRpcHealth();
        app.MapRpcReflection();
        server = new TestServer(app, service, logs);
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        server.RpcPort = new Uri(addresses[0]).Port;
        server.WebPort = new Uri(addresses[1]).Port;
        return server;
    }

    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Waits until no call is in flight any more.</summary>
    public Task NoCallInFlightAsync() => Eventually.TrueAsync(() => Rpc.CallsInFlight == 0, "no call is in flight");

    private sealed class LogCollector : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _errors = new();

        public IReadOnlyCollection<string> Errors => _errors;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                _errors.Enqueue(formatter(state, exception) + " " + exception);
            }
        }

        public void Dispose()
        {
        }
    }
}
