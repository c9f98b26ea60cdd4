using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using OpenCue.Rqd.Hosting;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Frames;

/// <summary>The environment of a frame.</summary>
/// <remarks>
/// Nothing comes from the agent's own but what the site lists: it may hold the site's secrets. Then come the variables that OpenCue's
/// agents set, then the job's, which win; a PATH of the job goes before the agent's instead of replacing it.
/// </remarks>
internal static class FrameEnvironment
{
    /// <summary>Marks every process of a run, so that one that got away can be found again.</summary>
    public const string RunVariable = "OPENCUE_RUN";

    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly string[] AlwaysPassedOn = ["TZ", "LANG"];

    public static ImmutableSortedDictionary<string, string> Build(
        FrameOrder order, RunRecord run, UserAccount? account, RqdOptions options, string hostName, int hyperThreading)
    {
        var environment = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        AddFromAgent(environment, options);
        AddFromAccount(environment, order, account, options);

        environment["PATH"] = options.AgentPathForFrames ? Environment.GetEnvironmentVariable("PATH") ?? DefaultPath : DefaultPath;
        environment["TERM"] = "unknown";
        environment["mcp"] = "1";
        environment["show"] = order.Show;
        environment["shot"] = order.Shot;
        environment["jobid"] = order.JobName;
        environment["jobhost"] = hostName;
        environment["frame"] = order.FrameName;
        environment["zframe"] = order.FrameName;
        environment["logfile"] = run.LogPath;
        environment["maxframetime"] = "0";
        environment["minspace"] = "200";
        environment["CUE3"] = "1";
        environment["SP_NOMYCSHRC"] = "1";
        environment["CUE_THREADS"] = Number(Math.Max(1, order.CoreUnits / 100));

        foreach (var (name, value) in order.Environment)
        {
            environment[name] = name == "PATH" && value.Length > 0 ? $"{value}:{environment["PATH"]}" : value;
        }

        if (!run.Processors.IsEmpty)
        {
            var ordered = int.TryParse(environment["CUE_THREADS"], CultureInfo.InvariantCulture, out var threads) ? threads : 1;
            environment["CUE_THREADS"] = Number(Math.Max(ordered, run.Processors.Length));
            environment["CUE_HT"] = hyperThreading > 1 ? "True" : "False";
        }
        environment[RunVariable] = run.Key;
        return environment.ToImmutable();
    }

    private static void AddFromAgent(ImmutableSortedDictionary<string, string>.Builder environment, RqdOptions options)
    {
        if (options.AllAgentVariables && options.AgentVariables.IsEmpty)
        {
            foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            {
                environment[(string)variable.Key] = (string?)variable.Value ?? "";
            }
        }
        foreach (var name in AlwaysPassedOn)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                environment[name] = value;
            }
        }
        // A name on the site's list is there for the frame even when the agent has no value for it, as in OpenCue.
        foreach (var name in options.AgentVariables)
        {
            environment[name] = Environment.GetEnvironmentVariable(name) ?? "";
        }
    }

    private static void AddFromAccount(
        ImmutableSortedDictionary<string, string>.Builder environment, FrameOrder order, UserAccount? account, RqdOptions options)
    {
        var user = order.UserName.Length > 0 ? order.UserName : account?.Name ?? "";
        environment["USER"] = user;
        environment["LOGNAME"] = user;
        if (options.HomePrefix is { } home)
        {
            environment["HOME"] = $"{home}/{user}";
        }
        else if (account is { Home.Length: > 0 })
        {
            environment["HOME"] = account.Home;
        }

        if (options.MailPrefix is { } mail)
        {
            environment["MAIL"] = $"{mail}/{user}";
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
