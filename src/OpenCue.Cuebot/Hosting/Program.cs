namespace OpenCue.Cuebot.Hosting;

/// <summary>The server program.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        await using var app = builder.Build();
        await app.RunAsync();
        return 0;
    }
}
