using OpenCue.TestSupport;

[assembly: AssemblyFixture(typeof(OpenCue.Storage.Tests.Support.PostgresServer))]

namespace OpenCue.Storage.Tests.Support;

/// <summary>One private PostgreSQL for all tests, started when the first one needs it. Each test has a database of its own in it.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private PrivatePostgres? _server;

    /// <summary>The server.</summary>
    public async Task<PrivatePostgres> GetAsync()
    {
        await _starting.WaitAsync();
        try
        {
            return _server ??= await PrivatePostgres.StartAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _starting.Dispose();
    }
}
