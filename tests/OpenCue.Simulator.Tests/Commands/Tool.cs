using OpenCue.Simulator.Commands;

namespace OpenCue.Simulator.Tests.Commands;

/// <summary>Runs the tool as a person does, without a process.</summary>
internal static class Tool
{
    /// <summary>Runs a command line, and returns what it said.</summary>
    public static async Task<(int Code, string Out, string Error)> RunAsync(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await SimProgram.RunAsync(args, new SimTerminal(output, error));
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Runs a command line that must succeed, and returns its standard output.</summary>
    public static async Task<string> OutputOfAsync(params string[] args)
    {
        var (code, output, error) = await RunAsync(args);
        Assert.True(code == 0, error);
        return output;
    }

    /// <summary>Runs a command line that must fail, and returns what it complains of.</summary>
    public static async Task<string> ComplaintOfAsync(params string[] args)
    {
        var (code, _, error) = await RunAsync(args);
        Assert.NotEqual(0, code);
        return error;
    }
}
