using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace OpenCue.TestSupport;

/// <summary>
/// A PostgreSQL server of one's own: a new cluster in a folder of its own, on loopback alone, with fsync on, stopped and
/// deleted when disposed, and also when the process that started it dies.
/// </summary>
/// <remarks>
/// Needs the server's programs, from Debian's package <c>postgresql</c>, or a folder named by <c>OPENCUE_POSTGRES_BIN</c>. PostgreSQL refuses to run as
/// root: then it runs as the user <c>postgres</c>, or <c>nobody</c>.
/// </remarks>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder;
    private readonly string _bin;
    private readonly string[] _settings;
    private readonly string? _user;
    private Process? _server;
    private int _databases;

    private PrivatePostgres(string folder, string bin, string? user, string[] settings)
    {
        _folder = folder;
        _bin = bin;
        _user = user;
        _settings = settings;
    }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>The folder of the cluster.</summary>
    public string DataFolder => Path.Combine(_folder, "data");

    /// <summary>The folder of its Unix socket: as <c>Host</c> of a connection string it takes the place of 127.0.0.1.</summary>
    public string SocketFolder => _folder;

    /// <summary>What the server wrote to its log.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private string LogFile => Path.Combine(_folder, "postgres.log");

    /// <summary>Makes and starts a cluster.</summary>
    /// <param name="settings">More settings, as <c>name=value</c>.</param>
    public static async Task<PrivatePostgres> StartAsync(params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("opencue-pg-").FullName;
        var user = Environment.UserName == "root" ? FindUser() : null;
        var postgres = new PrivatePostgres(folder, FindPrograms(), user, settings);
        try
        {
            if (user is not null)
            {
                await RunAsync("chown", [user, folder]);
            }

            // Without waiting for the disk here: only what is done later has to survive.
            await postgres.RunAsUserAsync(
                postgres.Program("initdb"), "--pgdata", postgres.DataFolder, "--auth", "trust", "--username", "postgres", "--encoding", "UTF8",
                "--locale", "C", "--no-sync");
            await postgres.StartServerAsync();
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>A new, empty database: its connection string.</summary>
    /// <param name="more">More parts of the connection string.</param>
    public async Task<string> CreateDatabaseAsync(string more = "")
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionString(name) + (more.Length > 0 ? ";" + more : "");
    }

    /// <summary>The connection string of a database.</summary>
    public string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={Port};Username=postgres;Database={database};Pooling=true";

    /// <summary>Runs a statement as superuser, outside the tests' databases.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Asks for one value as superuser, outside the tests' databases.</summary>
    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Ends the server as a crash would: every process of it is killed at once.</summary>
    public Task CrashAsync() => EndServerAsync("immediate");

    /// <summary>Ends the server in order.</summary>
    public Task StopAsync() => EndServerAsync("fast");

    /// <summary>Starts the server again after <see cref="CrashAsync"/> or <see cref="StopAsync"/>, on the same port.</summary>
    public Task RestartAsync() => StartServerAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndServerAsync("immediate");
        Directory.Delete(_folder, recursive: true);
    }

    private static string FindPrograms()
    {
        if (Environment.GetEnvironmentVariable("OPENCUE_POSTGRES_BIN") is { Length: > 0 } named)
        {
            return named;
        }

        var folders = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        return folders
            .Where(f => File.Exists(Path.Combine(f, "bin", "initdb")))
            .OrderByDescending(f => int.TryParse(Path.GetFileName(f), out var version) ? version : 0)
            .Select(f => Path.Combine(f, "bin"))
            .FirstOrDefault()
            ?? throw new InvalidOperationException(
                "No PostgreSQL server is installed (apt-get install postgresql), and OPENCUE_POSTGRES_BIN names no folder that has initdb.");
    }

    private static string FindUser()
    {
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        return users.Contains("postgres") ? "postgres"
            : users.Contains("nobody") ? "nobody"
            : throw new InvalidOperationException("PostgreSQL does not run as root, and there is no user postgres or nobody.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string Program(string name) => Path.Combine(_bin, name);

    private string[] AsUser(params string[] command) =>
        _user is null ? command : ["setpriv", "--reuid", _user, "--regid", _user, "--clear-groups", .. command];

    private async Task StartServerAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            if (Port == 0 || attempt > 1)
            {
                Port = FreePort();
            }

            // The shell ends the server when its input ends: that is when this process says so, or is no more. Then it also cleans up.
            var command = AsUser(
                "sh", "-c",
                "\"$@\" >>\"$0/postgres.log\" 2>&1 </dev/null & server=$!; read -r last; kill -QUIT $server; wait $server; [ \"$last\" = keep ] || rm -rf \"$0\"",
                _folder, Program("postgres"), "-D", DataFolder, "-p", $"{Port}", "-k", _folder, "-c", "listen_addresses=127.0.0.1",
                "-c", "shared_buffers=128MB", "-c", "max_connections=60", "-c", "fsync=on");
            var start = new ProcessStartInfo(command[0], [.. command[1..], .. _settings.SelectMany(s => (string[])["-c", s])])
            {
                RedirectStandardInput = true,
                WorkingDirectory = _folder,
            };
            _server = Process.Start(start) ?? throw new InvalidOperationException("The shell could not be started.");
            try
            {
                await WaitUntilReadyAsync();
                return;
            }
            catch (InvalidOperationException) when (attempt < 5 && Log.Contains("Address already in use", StringComparison.Ordinal))
            {
                // Somebody else took the port between finding it and binding it.
                await EndServerAsync("immediate");
                File.Delete(LogFile);
            }
        }
    }

    private async Task WaitUntilReadyAsync()
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await ExecuteAsync("SELECT 1");
                return;
            }
            catch (Exception e) when (e is NpgsqlException or SocketException)
            {
                if (Log.Contains("FATAL:  could not", StringComparison.Ordinal) || Stopwatch.GetElapsedTime(since) > Patience)
                {
                    throw new InvalidOperationException($"The private PostgreSQL does not come up: {e.Message}\n{Log}", e);
                }

                await Task.Delay(50);
            }
        }
    }

    private async Task EndServerAsync(string mode)
    {
        if (_server is null)
        {
            return;
        }

        NpgsqlConnection.ClearAllPools();
        if (mode == "fast")
        {
            await RunAsUserAsync(Program("pg_ctl"), "stop", "--pgdata", DataFolder, "--mode", mode, "--wait");
        }

        await _server.StandardInput.WriteLineAsync("keep");
        _server.StandardInput.Close();
        await _server.WaitForExitAsync();
        _server.Dispose();
        _server = null;
    }

    private Task RunAsUserAsync(params string[] command)
    {
        var all = AsUser(command);
        return RunAsync(all[0], all[1..]);
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed with {process.ExitCode}:\n{await output}{await errors}");
        }
    }
}
