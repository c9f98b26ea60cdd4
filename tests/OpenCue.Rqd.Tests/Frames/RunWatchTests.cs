using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Rqd.Frames;
using OpenCue.Rqd.Journal;
using OpenCue.Rqd.Machine;
using OpenCue.Rqd.Reports;
using OpenCue.Rqd.Supervision;
using OpenCue.Rqd.Tests.Journal;
using OpenCue.Rqd.Tests.Machine;

namespace OpenCue.Rqd.Tests.Frames;

/// <summary>What a watch finds out about runs whose supervisors are not as they should be.</summary>
public sealed class RunWatchTests : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeMachine _machine = new();
    private readonly RunJournal _journal = RunJournal.Open(new FailingJournalFile(), NullLogger<RunJournal>.Instance);
    private readonly CompletionQueue _completions = new(TimeProvider.System);
    private readonly MachineProbe _probe;
    private readonly RunTable _table;

    public RunWatchTests()
    {
        _probe = new MachineProbe(new MachinePaths(), new MachineOverrides { Cores = 4 }, _directory.Path, "1.2.3");
        _table = new RunTable(_probe.Facts, _journal);
    }

    [Fact]
    public async Task A_supervisor_that_cannot_be_started_is_a_failed_launch()
    {
        await using var watch = Watch("/no/such/supervisor");

        var run = await StartAsync(watch, "true");

        Assert.Equal((256, "failed-launch"), (run.End!.ExitStatus, run.End.How));
        Assert.Contains("/no/such/supervisor", run.End.Detail, StringComparison.Ordinal);
        Assert.Equal(400, _table.Snapshot().IdleUnits);
    }

    [Fact]
    public async Task A_supervisor_that_ends_without_a_word_is_a_failed_launch()
    {
        await using var watch = Watch("/bin/true");

        var run = await StartAsync(watch, "true");

        Assert.Equal((256, "failed-launch"), (run.End!.ExitStatus, run.End.How));
        Assert.Equal(SupervisorEndKind.Failed, run.File.ReadEnded()!.Kind);
    }

    [Fact]
    public async Task A_run_whose_file_cannot_be_written_is_a_failed_launch()
    {
        await using var watch = Watch(SupervisorLauncher.DefaultProgram);

        var run = await StartAsync(watch, "true", file: new RunFile(_directory["no/such/directory/run"]));

        Assert.Equal((256, "failed-launch"), (run.End!.ExitStatus, run.End.How));
    }

    [Fact]
    public async Task A_run_is_not_forgotten_because_its_file_cannot_be_read_when_it_is_taken_over()
    {
        await using var watch = Watch(SupervisorLauncher.DefaultProgram);
        var order = Orders.Frame("true", _directory["logs"]);
        Directory.CreateDirectory(_directory["run"]);
        _table.TryAdd(
            order,
            processors => new Run(
                RunRecord.Accept(order, processors, TimeProvider.System.GetUtcNow(), _probe.Facts.BootId), new RunFile(_directory["run"]), gateIsOpen: true),
            out var run);

        watch.TakeOver(run!);

        await Eventually.TrueAsync(() => _completions.Count == 1);
        Assert.Equal("failed-launch", run!.End!.How);
    }

    [Fact]
    public async Task Peaks_that_were_measured_count_if_they_are_above_what_the_kernel_kept()
    {
        await using var watch = Watch(SupervisorLauncher.DefaultProgram);
        var run = await StartAsync(watch, "while [ ! -e go ]; do sleep 0.01; done", file =>
        {
            file.WritePeakMemory(5_000_000, 4_000_000, 6_000_000);
            File.WriteAllText(_directory["go"], "");
        });

        Assert.Equal((5_000_000, 4_000_000, 6_000_000), (run.End!.MaxRssKib, run.End.MaxPssKib, run.End.MaxVsizeKib));
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        _machine.Dispose();
        _directory.Dispose();
    }

    private RunWatch Watch(string supervisor) => new(
        _probe, _journal, _table, new SupervisorLauncher(supervisor),
        new FrameRemains(_probe.Paths, TimeProvider.System, NullLogger<FrameRemains>.Instance), _completions, TimeProvider.System,
        NullLogger<RunWatch>.Instance);

    private async Task<Run> StartAsync(RunWatch watch, string command, Action<RunFile>? whenCreated = null, RunFile? file = null)
    {
        var order = Orders.Frame(command, _directory["logs"]);
        var refusal = _table.TryAdd(
            order,
            processors => new Run(
                RunRecord.Accept(order, processors, TimeProvider.System.GetUtcNow(), _probe.Facts.BootId), file ?? new RunFile(_directory["run"]), gateIsOpen: false),
            out var run);
        Assert.Null(refusal);
        watch.Start(run!, new LaunchPlan
        {
            Command = command,
            Directory = _directory.Path,
            LogPath = run!.Record.LogPath,
            LogHeader = "",
            Shell = "/bin/sh",
            KillGrace = TimeSpan.FromSeconds(1),
            Environment = ImmutableSortedDictionary<string, string>.Empty.Add("PATH", "/usr/bin:/bin"),
        });
        if (whenCreated is not null)
        {
            await Eventually.TrueAsync(() => run.File.Exists);
            whenCreated(run.File);
        }
        await Eventually.TrueAsync(() => _completions.Count == 1);
        return run;
    }
}
