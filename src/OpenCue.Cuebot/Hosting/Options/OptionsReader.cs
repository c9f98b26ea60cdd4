using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using OpenCue.Farm.Scheduling.Policies;

namespace OpenCue.Cuebot.Hosting.Options;

/// <summary>Makes options of what was written in the three places, and says all that is wrong with it.</summary>
internal static class OptionsReader
{
    /// <summary>Puts the settings together: what the file says, over it the environment, over that the command line.</summary>
    /// <param name="commandLine">Keys and values of the command line.</param>
    /// <param name="environment">Finds an environment variable.</param>
    public static Settings Gather(IReadOnlyList<KeyValuePair<string, string>> commandLine, Func<string, string?> environment)
    {
        var settings = new Settings();
        var fromEnvironment = OptionTable.All
            .Select(option => (option.Key, Name: Array.Find(option.Environment, name => !string.IsNullOrEmpty(environment(name)))))
            .Where(found => found.Name is not null)
            .ToList();
        var config = commandLine.LastOrDefault(option => option.Key == OptionTable.Config).Value
            ?? fromEnvironment.Where(found => found.Key == OptionTable.Config).Select(found => environment(found.Name!)).FirstOrDefault();
        if (config is not null)
        {
            ConfigFile.Read(config, settings);
        }

        foreach (var (key, name) in fromEnvironment)
        {
            settings.Put(key, environment(name!)!, $"Environment variable {name}");
        }

        foreach (var (key, value) in commandLine)
        {
            settings.Put(key, value, IsFarmSetting(key) ? $"--set {key}" : $"--{key}");
        }

        return settings;
    }

    /// <summary>The options that the settings make. What is wrong is in <see cref="Settings.Problems"/> then.</summary>
    public static CuebotOptions Read(Settings settings)
    {
        var options = new CuebotOptions
        {
            DataDirectory = settings.Text(OptionTable.Data),
            Postgres = settings.Read(OptionTable.Postgres, (string?)null, Connection),
            AllowUnsafePostgres = settings.Read(OptionTable.PostgresUnsafe, false, FarmSettingTable.Bool),
            Bind = settings.Read(OptionTable.Bind, IPAddress.Loopback, Address),
            Port = settings.Read(OptionTable.Port, 8443, value => Port(value, 0)),
            HttpPort = settings.Read(OptionTable.HttpPort, 8448, value => Port(value, 0)),
            RqdPort = settings.Read(OptionTable.RqdPort, 8444, value => Port(value, 1)),
            AllowedOrigins = settings.Read(OptionTable.AllowOrigin, [], Origins),
            ReportAnswerWait = settings.Read(OptionTable.ReportAnswerWait, TimeSpan.FromSeconds(1), AnswerWait),
            LogLevel = settings.Read(OptionTable.LogLevel, LogLevel.Information, Level),
            Certificate = Certificate(settings),
            Policies = settings.Read(OptionTable.Policies, [], PolicyAssemblies.Load),
            Farm = Farm(settings),
        };
        CheckPolicies(options, settings);
        if (options.Port != 0 && options.Port == options.HttpPort)
        {
            settings.Problems.Add($"Port {options.Port} is given for gRPC and for HTTP; use --port and --http-port to give each its own.");
        }

        if (options.DataDirectory is null == options.Postgres is null && settings.Text(OptionTable.Data) is null == settings.Text(OptionTable.Postgres) is null)
        {
            settings.Problems.Add(options.DataDirectory is null
                ? "Say where the farm is kept: --data DIR for SQLite in a folder, or --postgres CONNECTION."
                : "Both --data and --postgres are given; the farm is kept in one place.");
        }

        return options;
    }

    private static void CheckPolicies(CuebotOptions options, Settings settings)
    {
        try
        {
            _ = new SchedulingPolicies(options.Policies, options.Farm.SchedulingPolicy);
        }
        catch (ArgumentException e)
        {
            // The name of the parameter says nothing to a person.
            settings.Problems.Add(e.Message.Split(" (Parameter")[0]);
        }
    }

    private static bool IsFarmSetting(string key) => OptionTable.All.All(option => option.Key != key);

    private static FarmSettings Farm(Settings settings)
    {
        var farm = new FarmSettings();
        foreach (var entry in FarmSettingTable.All)
        {
            farm = settings.Read(entry.Key, farm, value => entry.Apply(farm, value));
        }

        foreach (var key in settings.Values.Keys.Where(key =>
            key.StartsWith(FarmSettingTable.LogRootPrefix, StringComparison.Ordinal) && key != FarmSettingTable.DefaultLogRoot))
        {
            farm = settings.Read(key, farm, value => FarmSettingTable.WithLogRoot(farm, key[FarmSettingTable.LogRootPrefix.Length..], value));
        }

        return settings.Text(OptionTable.LogRoot) is { } logRoot ? farm with { LogRoot = logRoot } : farm;
    }

    private static X509Certificate2? Certificate(Settings settings)
    {
        var certificate = settings.Text(OptionTable.TlsCert);
        var key = settings.Text(OptionTable.TlsKey);
        if (certificate is null)
        {
            if (key is not null)
            {
                settings.Problems.Add("--tls-key is given without --tls-cert; TLS needs the certificate too.");
            }

            return null;
        }

        try
        {
            var loaded = X509Certificate2.GetCertContentType(certificate) == X509ContentType.Pkcs12
                ? X509CertificateLoader.LoadPkcs12FromFile(certificate, null)
                : X509Certificate2.CreateFromPemFile(certificate, key);
            if (loaded.HasPrivateKey)
            {
                return loaded;
            }

            settings.Problems.Add($"The TLS certificate {certificate} has no private key; give it with --tls-key.");
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            settings.Problems.Add($"The TLS certificate {certificate}{(key is null ? "" : $" with key {key}")} can't be read: {e.Message.TrimEnd('.')}.");
        }

        return null;
    }

    private static string Connection(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text).Host is { Length: > 0 }
                ? text
                : throw new FormatException("it names no host; write \"Host=...;Database=...;Username=...\"");
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"this is no connection string: {e.Message.TrimEnd('.')}");
        }
    }

    private static IPAddress Address(string text) => text switch
    {
        "*" => IPAddress.IPv6Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.TryParse(text, out var address) ? address : throw new FormatException("write an IP address of this machine, or * for all"),
    };

    private static int Port(string text, int least) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port >= least && port <= ushort.MaxValue
            ? port
            : throw new FormatException($"a port is a number from {least} to {ushort.MaxValue}");

    // Longer, and agents might take the server for gone.
    private static TimeSpan AnswerWait(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 5
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException("write seconds, from 0 to 5");

    private static IReadOnlyList<string> Origins(string text)
    {
        var origins = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return origins.All(IsOrigin) ? origins : throw new FormatException("an origin is a scheme, a host and perhaps a port, like https://cue.example.com");
    }

    private static bool IsOrigin(string text) =>
        text == "*"
        || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text);

    private static LogLevel Level(string text) =>
        Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) && Enum.IsDefined(level)
            ? level
            : throw new FormatException("write debug, information, warning or error");
}
