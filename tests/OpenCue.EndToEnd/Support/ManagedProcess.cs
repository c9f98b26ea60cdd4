using System.Diagnostics;

namespace OpenCue.EndToEnd.Support;

/// <summary>A program under test, run as a real process. What it prints goes to a file, so that a failing test can show it.</summary>
internal sealed class ManagedProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _log;

    private ManagedProcess(Process process, string log)
    {
        _process = process;
        _log = log;
    }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>The last lines it printed.</summary>
    public string Tail => File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(40)) : "";

    /// <summary>Starts a program of this solution, from its build output.</summary>
    public static ManagedProcess StartProgram(string project, string assembly, string log, params string[] arguments) =>
        Start("dotnet", log, ["exec", Repository.Assembly(project, assembly), .. arguments]);

    public static ManagedProcess Start(string program, string log, IEnumerable<string> arguments)
    {
        // A shell appends to the log: output must outlive this process, and a pipe that nobody reads would stop the program.
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        foreach (var argument in (string[])["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log, program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return new ManagedProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."), log);
    }

    /// <summary>Ends it the way a crash does: it can't do anything about it.</summary>
    public void KillAtOnce()
    {
        if (!_process.HasExited)
        {
            // Not its children: the frames' supervisors must live on.
            _process.Kill(entireProcessTree: false);
            _process.WaitForExit();
        }
    }

    /// <summary>Asks it to stop, and waits.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            await kill.WaitForExitAsync();
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        KillAtOnce();
        _process.Dispose();
    }
}
