using System.CommandLine;
using Microsoft.Extensions.Hosting;
using OpenCue.Cuebot.Hosting.Options;

namespace OpenCue.Cuebot.Hosting;

/// <summary>The server program.</summary>
internal static class Program
{
    private const int Ok = 0;
    private const int Failed = 1;
    private const int WrongOptions = 2;

    public static Task<int> Main(string[] args)
    {
        var parsed = CommandLine.Make(RunAsync).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            return Task.FromResult(Tell(parsed.Errors.Select(error => error.Message), WrongOptions));
        }

        // The host hears SIGTERM and SIGINT by itself, and takes the time to finish.
        return parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    private static async Task<int> RunAsync(IReadOnlyList<KeyValuePair<string, string>> commandLine, CancellationToken cancel)
    {
        var settings = OptionsReader.Gather(commandLine, Environment.GetEnvironmentVariable);
        var options = OptionsReader.Read(settings);
        StartChecks.Run(options, settings.Problems);
        if (settings.Problems.Count > 0)
        {
            return Tell(settings.Problems, WrongOptions);
        }

        await using var app = CuebotServer.Build(options);
        try
        {
            await app.StartAsync(cancel);
            await app.WaitForShutdownAsync(cancel);
        }
        catch (IOException e)
        {
            // A port was taken between the check and now.
            return Tell([e.Message], Failed);
        }

        return app.Services.GetRequiredService<ServerOutcome>().Failed ? Failed : Ok;
    }

    private static int Tell(IEnumerable<string> problems, int exitCode)
    {
        foreach (var problem in problems)
        {
            Console.Error.WriteLine($"cuebot: {problem}");
        }

        Console.Error.WriteLine("Nothing was started. See cuebot --help.");
        return exitCode;
    }
}
