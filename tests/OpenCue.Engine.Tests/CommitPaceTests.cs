using OpenCue.Engine.Batches;

namespace OpenCue.Engine.Tests;

public sealed class CommitPaceTests
{
    private static readonly TimeSpan Target = TimeSpan.FromMilliseconds(12);

    [Fact]
    public void Batches_shrink_to_what_the_store_commits_in_time_and_grow_again_when_it_is_quicker()
    {
        var pace = new CommitPace(Target, 20_000);
        Assert.Equal(3_000, pace.Room);
        Commit(pace, 100, fixedMs: 2, rowsPerMs: 100);
        Assert.InRange(pace.Room, 800, 1300);
        Commit(pace, 100, fixedMs: 0.5, rowsPerMs: 1000);
        Assert.InRange(pace.Room, 8_000, 13_000);
    }

    [Fact]
    public void A_disk_that_is_slow_for_any_commit_gets_big_batches()
    {
        var pace = new CommitPace(Target, 20_000);
        Commit(pace, 100, fixedMs: 40, rowsPerMs: 100);
        Assert.InRange(pace.Room, 3_000, 20_000);
    }

    [Fact]
    public void Small_commits_say_nothing_about_rows()
    {
        var pace = new CommitPace(Target, 20_000);
        for (var i = 0; i < 1000; i++)
        {
            pace.OnCommitted(1, TimeSpan.FromMilliseconds(3));
        }

        Assert.Equal(3_000, pace.Room);
    }

    /// <summary>Commits of full batches, and now and then of a single row.</summary>
    private static void Commit(CommitPace pace, int times, double fixedMs, double rowsPerMs)
    {
        for (var i = 0; i < times; i++)
        {
            var rows = i % 10 == 0 ? 1 : pace.Room;
            pace.OnCommitted(rows, TimeSpan.FromMilliseconds(fixedMs + (rows / rowsPerMs)));
        }
    }
}
