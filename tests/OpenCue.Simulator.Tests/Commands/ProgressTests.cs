using OpenCue.Simulator.Commands;

namespace OpenCue.Simulator.Tests.Commands;

public class ProgressTests
{
    [Fact]
    public async Task A_terminal_shows_how_far_a_run_is_and_the_line_is_gone_at_the_end()
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new SimTerminal(output, error) { ShowsProgress = true, RealTime = new QuickTime() };
        Assert.Equal(0, await SimProgram.RunAsync(["run", "--hours", "1"], terminal));
        var lines = error.ToString().Split('\r');
        Assert.Contains(lines, line => line.StartsWith("PRIORITY_ONLY: 0.5 h, ", StringComparison.Ordinal) && line.Contains("jobs to do", StringComparison.Ordinal));
        Assert.Equal("", lines[^2].Trim());
    }

    [Fact]
    public async Task A_file_gets_no_progress()
    {
        var (_, _, error) = await Tool.RunAsync("run", "--hours", "1");
        Assert.DoesNotContain('\r', error);
    }

    /// <summary>A clock on which something takes long.</summary>
    private sealed class QuickTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks += TimeSpan.TicksPerMillisecond;
    }
}
