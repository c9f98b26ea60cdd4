using System.Text.RegularExpressions;
using OpenCue.Cli.Output;
using OpenCue.Rpc.Client;

namespace OpenCue.Cli.Connecting;

/// <summary>What a failed call means to the person who asked for it.</summary>
internal static partial class CallFailure
{
    /// <summary>The failure as the end of a command.</summary>
    public static CueException ToCueException(RpcException failure, CueSettings settings)
    {
        var servers = string.Join(", ", settings.Servers);
        var detail = Plain.OneLine(Repetitions().Replace(failure.Status.Detail, "")).TrimEnd('.', ' ');
        return failure switch
        {
            RpcTransportException { StatusCode: StatusCode.Unavailable, RequestSent: false } => new CueException(
                ExitCode.Unreachable,
                $"no cuebot can be reached at {servers} ({Because(detail)}). Is it running? Name another one with --server HOST:PORT or "
                + $"CUEBOT_HOSTS; this one comes from {settings.ServersFrom}",
                failure),
            RpcTransportException { StatusCode: StatusCode.Unavailable } => new CueException(
                ExitCode.Unreachable,
                $"the connection to cuebot at {servers} broke ({Because(detail)}); it is unknown whether the command was done",
                failure),
            RpcTransportException { StatusCode: StatusCode.DeadlineExceeded } => new CueException(
                ExitCode.Unreachable,
                $"cuebot at {servers} did not answer within {Units.Duration(settings.Timeout ?? CueSettings.UsualTimeout)}; "
                + "wait longer with --timeout SECONDS",
                failure),
            { StatusCode: StatusCode.DeadlineExceeded or StatusCode.Unavailable } => new CueException(
                ExitCode.Unreachable,
                $"cuebot at {servers} cannot do that now: {Or(detail, "it is busy, starting or stopping")}; try again",
                failure),
            { StatusCode: StatusCode.Unimplemented } => new CueException(
                ExitCode.Failed, $"cuebot at {servers} does not offer this: {Or(detail, "the method is unknown to it")}", failure),
            { StatusCode: StatusCode.NotFound } => new CueException(
                ExitCode.NotFound, Or(detail, "there is no such thing on the server"), failure),
            _ => new CueException(ExitCode.Failed, Or(detail, $"cuebot at {servers} refused with status {failure.StatusCode}"), failure),
        };
    }

    private static string Or(string detail, string otherwise) => detail.Length > 0 ? detail : otherwise;

    private static string Because(string detail) =>
        detail.StartsWith(Unreached, StringComparison.Ordinal) ? detail[Unreached.Length..] : Or(detail, "no reason given");

    private const string Unreached = "No server can be reached: ";

    // When it will be tried again is meant for programs that do; the address stands in front already.
    [GeneratedRegex(@" \((next try in [0-9.]+ s|[^() ]+:[0-9]+)\)")]
    private static partial Regex Repetitions();
}
