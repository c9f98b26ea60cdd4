namespace OpenCue.Cuebot.Hosting.Options;

/// <summary>An option that can be given on the command line, in the environment and in the configuration file.</summary>
/// <param name="Key">Its name: <c>--key</c> on the command line, <c>"key"</c> in the file.</param>
/// <param name="Value">What its value is called in the help.</param>
/// <param name="Help">What it does, and its default.</param>
/// <param name="Environment">Environment variables; the first that is set counts. Those that are OpenCue's own come last.</param>
internal sealed record OptionEntry(string Key, string Value, string Help, params string[] Environment);

/// <summary>All options, in the order in which the help shows them.</summary>
internal static class OptionTable
{
    public const string Config = "config";
    public const string Data = "data";
    public const string Postgres = "postgres";
    public const string PostgresUnsafe = "postgres-unsafe";
    public const string Bind = "bind";
    public const string Port = "port";
    public const string HttpPort = "http-port";
    public const string RqdPort = "rqd-port";
    public const string TlsCert = "tls-cert";
    public const string TlsKey = "tls-key";
    public const string AllowOrigin = "allow-origin";
    public const string ReportAnswerWait = "report-answer-wait";
    public const string LogRoot = "log-root";
    public const string LogLevel = "log-level";
    public const string Policies = "policies";

    /// <summary>The entries.</summary>
    public static IReadOnlyList<OptionEntry> All { get; } =
    [
        new(Config, "FILE", "Configuration file: JSON, the options of this list and the farm's settings by name.", "CUEBOT_CONFIG"),
        new(Data, "DIR", "Keep the farm in SQLite, in this folder. It is made if it does not exist.", "CUEBOT_DATA"),
        new(Postgres, "CONNECTION", "Keep the farm in PostgreSQL instead: \"Host=db;Database=cue;Username=cue;Password=...\".", "CUEBOT_POSTGRES"),
        new(PostgresUnsafe, "BOOL", "Accept a PostgreSQL that does not flush commits to disk. Default: false.", "CUEBOT_POSTGRES_UNSAFE"),
        new(Bind, "ADDRESS", "Address to listen on; \"*\" is every one. Default: 127.0.0.1.", "CUEBOT_BIND"),
        new(Port, "N", "Port of gRPC, for clients and host agents. Default: 8443.", "CUEBOT_PORT", "CUEBOT_GRPC_CUE_PORT"),
        new(HttpPort, "N", "Port of gRPC-Web and JSON. Default: 8448.", "CUEBOT_HTTP_PORT"),
        new(RqdPort, "N", "Port of host agents that name no other. Default: 8444.", "CUEBOT_RQD_PORT", "CUEBOT_GRPC_RQD_SERVER_PORT"),
        new(TlsCert, "FILE", "Certificate (PEM or PKCS#12) for both ports. Default: none, plain text.", "CUEBOT_TLS_CERT"),
        new(TlsKey, "FILE", "The certificate's private key (PEM), if it is in a file of its own.", "CUEBOT_TLS_KEY"),
        new(AllowOrigin, "ORIGINS", "Web origins whose pages may call, divided by commas.", "CUEBOT_ALLOW_ORIGIN"),
        new(ReportAnswerWait, "SECONDS", "The longest that answers to hosts' status reports wait while too many come; 0: they never wait. Default: 1.", "CUEBOT_REPORT_ANSWER_WAIT"),
        new(LogRoot, "DIR", "Where frames' logs go, as the hosts see it. Default: /shots.", "CUEBOT_LOG_ROOT", "CUE_FRAME_LOG_DIR"),
        new(Policies, "FILES", "Assemblies with scheduling policies of your own, divided by commas.", "CUEBOT_POLICIES"),
        new(LogLevel, "LEVEL", "Least level logged: debug, information, warning, error. Default: information.", "CUEBOT_LOG_LEVEL"),
    ];
}
