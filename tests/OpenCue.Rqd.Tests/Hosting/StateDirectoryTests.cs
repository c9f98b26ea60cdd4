using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Rqd.Hosting;

namespace OpenCue.Rqd.Tests.Hosting;

public sealed class StateDirectoryTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Fact]
    public void One_agent_at_a_time_has_it_and_it_keeps_its_id()
    {
        string first;
        using (var state = Open())
        {
            first = state.InstanceId;
            Assert.Contains("Another rqd", Assert.Throws<StartException>(Open).Message, StringComparison.Ordinal);
        }

        using var again = Open();

        Assert.Equal(first, again.InstanceId);
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(_directory["state"]));
    }

    [Fact]
    public void Files_of_runs_that_nothing_is_owed_for_are_deleted_unless_a_supervisor_is_at_work_on_them()
    {
        using var state = Open();
        foreach (var name in new[] { "owed", "past", "past.new", "alive" })
        {
            File.WriteAllText(state.RunFileOf(name).Path, "x");
        }
        using var held = state.RunFileOf("alive").TryLock();

        state.DeleteStrayRunFiles(["owed"]);

        Assert.Equal(["alive", "owed"], Directory.GetFiles(_directory["state/runs"]).Select(Path.GetFileName).Order());
    }

    public void Dispose() => _directory.Dispose();

    private StateDirectory Open() => StateDirectory.Open(_directory["state"], NullLogger<StateDirectory>.Instance);
}
