namespace OpenCue.Rqd.Hosting;

/// <summary>The program around an agent: options, log, and one clear line when it cannot start.</summary>
internal static partial class AgentProgram
{
    public static async Task<int> RunAsync(string? file, IReadOnlyDictionary<string, string> commandLine)
    {
        try
        {
            var options = OptionsReader.Read(file, commandLine, Environment.GetEnvironmentVariable, out var warnings);
            using var log = LoggerFactory.Create(logging => logging
                .SetMinimumLevel(options.LogLevel)
                .AddFilter("Microsoft", LogLevel.Warning)
                // What keeps the agent from starting is said in one line, without a stack.
                .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
                .AddSimpleConsole(console =>
                {
                    console.SingleLine = true;
                    console.TimestampFormat = "yyyy-MM-dd HH:mm:ss ";
                    console.UseUtcTimestamp = false;
                }));
            var logger = log.CreateLogger("OpenCue.Rqd.Hosting.Options");
            foreach (var warning in warnings)
            {
                LogOdd(logger, warning);
            }

            await using var agent = Agent.Create(options, log);
            return await agent.RunAsync();
        }
        catch (StartException error)
        {
            await Console.Error.WriteLineAsync($"rqd: {error.Message}");
            return 1;
        }
    }

    [LoggerMessage(EventId = 4010, Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void LogOdd(ILogger logger, string warning);
}
