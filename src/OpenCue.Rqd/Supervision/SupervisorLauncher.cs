using System.Diagnostics;

namespace OpenCue.Rqd.Supervision;

/// <summary>Starts supervisors. They are the agent's children only until it ends; from then on nothing ties them to it.</summary>
internal sealed class SupervisorLauncher(string program)
{
    /// <summary>The supervisor lies beside the agent.</summary>
    public static string DefaultProgram => Path.Combine(AppContext.BaseDirectory, "rqd-supervisor");

    public static SupervisorLauncher Default => new(DefaultProgram);

    /// <summary>Starts the supervisor of a run.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It could not be started; then nothing was.</exception>
    public Process Start(RunFile file)
    {
        var start = new ProcessStartInfo(program) { ArgumentList = { file.Path }, UseShellExecute = false, WorkingDirectory = "/" };
        // A frame's environment is in its run file; the agent's own is nobody's business.
        start.Environment.Clear();
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start a process.");
    }
}
