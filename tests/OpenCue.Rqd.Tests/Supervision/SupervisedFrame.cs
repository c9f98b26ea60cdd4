using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OpenCue.Rqd.Machine;
using OpenCue.Rqd.Supervision;

namespace OpenCue.Rqd.Tests.Supervision;

/// <summary>A command under a real supervisor, without an agent.</summary>
internal sealed class SupervisedFrame : IDisposable
{
    private readonly TempDirectory _directory = new();

    public SupervisedFrame(string command, Func<LaunchPlan, LaunchPlan>? change = null)
    {
        // Frames that run as someone else write here too.
        Directory.CreateDirectory(Work, (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode(Work, (UnixFileMode)0b111_111_111);
        var plan = new LaunchPlan
        {
            Command = command,
            Directory = Work,
            LogPath = Path.Combine(Work, "logs", "job.0001-layer.rqlog"),
            LogHeader = "HEADER\n",
            Shell = "/bin/sh",
            KillGrace = TimeSpan.FromSeconds(30),
            Environment = ImmutableSortedDictionary<string, string>.Empty.Add("PATH", "/usr/bin:/bin"),
        };
        Plan = change is null ? plan : change(plan);
        RunFile = new RunFile(_directory["run"]);
    }

    public LaunchPlan Plan { get; }

    public RunFile RunFile { get; }

    public string Work => _directory["work"];

    public string Log => File.ReadAllText(Plan.LogPath);

    /// <summary>What the command wrote into a file of this name; null until it is there.</summary>
    public string? Written(string name)
    {
        var path = Path.Combine(Work, name);
        return File.Exists(path) && File.ReadAllText(path) is { Length: > 0 } text && text.EndsWith('\n') ? text.Trim() : null;
    }

    /// <summary>The process whose id the command wrote into a file of this name.</summary>
    public async Task<ProcessIdentity> WrittenProcessAsync(string name)
    {
        var pid = int.Parse(await Eventually.NotNullAsync(() => Written(name)), CultureInfo.InvariantCulture);
        return ProcessTable.FindIdentity(new MachinePaths(), pid) ?? throw new InvalidOperationException($"Process {pid} of '{name}' is gone.");
    }

    public Process Start()
    {
        RunFile.Create(Plan);
        return SupervisorLauncher.Default.Start(RunFile);
    }

    public async Task<SupervisorEnd> RunAsync()
    {
        using var supervisor = Start();
        await supervisor.WaitForExitAsync();
        return RunFile.ReadEnded() ?? throw new InvalidOperationException("The supervisor is gone and has not said how the frame ended.");
    }

    public static bool IsAlive(ProcessIdentity process) =>
        ProcessTable.Read(new MachinePaths()).Find(process) is { IsZombie: false };

    public void Dispose() => _directory.Dispose();
}
