using Microsoft.Extensions.Logging.Abstractions;
using OpenCue.Rqd.Frames;
using OpenCue.Rqd.Journal;
using OpenCue.Rqd.Tests.Frames;

namespace OpenCue.Rqd.Tests.Journal;

public sealed class RunJournalTests
{
    private static readonly RunEnd End = new(3, 0, "exit", "", DateTimeOffset.UnixEpoch.AddYears(50), 12, 4096, 2048, 9000);

    [Fact]
    public async Task What_was_appended_is_there_after_a_restart()
    {
        using var directory = new TempDirectory();
        var record = Orders.Record() with { RunId = "r", Processors = [1, 3], Generation = "7" };
        await using (var journal = Open(directory))
        {
            await journal.AppendAsync(new JournalEntry.Accepted(record));
            await journal.AppendAsync(new JournalEntry.KillOrdered(record.Key, new KillOrder("Someone wanted it", 287)));
            await journal.AppendAsync(new JournalEntry.Ended(record.Key, End));
        }

        await using var again = Open(directory);

        var run = Assert.Single(again.Runs);
        Assert.Equal(record with { Processors = [], Attributes = run.Record.Attributes }, run.Record with { Processors = [] });
        Assert.Equal(record.Processors, run.Record.Processors);
        Assert.Equal(new KillOrder("Someone wanted it", 287), run.Kill);
        Assert.Equal(End, run.End);
    }

    [Fact]
    public async Task An_acknowledged_run_is_forgotten_but_its_id_is_not()
    {
        using var directory = new TempDirectory();
        var record = Orders.Record() with { RunId = "the-run" };
        await using (var journal = Open(directory))
        {
            await journal.AppendAsync(new JournalEntry.Accepted(record));
            await journal.AppendAsync(new JournalEntry.Acknowledged(record.Key));
            await journal.AppendAsync(new JournalEntry.KilledBeforeLaunch("killed"));
        }

        await using var again = Open(directory);

        Assert.Empty(again.Runs);
        Assert.True(again.WasAcknowledged(record.Key));
        Assert.True(again.WasKilledBeforeLaunch("killed"));
        Assert.False(again.WasKilledBeforeLaunch("other"));
    }

    [Fact]
    public void A_journal_cut_off_at_any_byte_keeps_all_entries_before()
    {
        var entries = new JournalEntry[]
        {
            new JournalEntry.Accepted(Orders.Record("a")),
            new JournalEntry.KillOrdered("a", new KillOrder("why\nnot ü")),
            new JournalEntry.Ended("a", End),
            new JournalEntry.Acknowledged("a"),
        };
        var ends = Enumerable.Range(1, entries.Length).Select(count => JournalFormat.Encode(entries.Take(count)).Length).ToList();
        var bytes = JournalFormat.Encode(entries);

        for (var length = 0; length <= bytes.Length; length++)
        {
            var read = JournalFormat.Decode(bytes.AsSpan(0, length), out var damagedLines);

            Assert.Equal(ends.Count(end => end <= length), read.Count);
            Assert.Equal(0, damagedLines);
        }
    }

    [Fact]
    public async Task A_torn_end_does_not_spoil_what_comes_after_it()
    {
        using var directory = new TempDirectory();
        var (first, second) = (Orders.Record("a", DateTimeOffset.UnixEpoch), Orders.Record("b"));
        File.WriteAllBytes(directory["journal"],
            [.. JournalFormat.Encode([new JournalEntry.Accepted(first)]), .. JournalFormat.Encode([new JournalEntry.Ended("a", End)]).SkipLast(5)]);
        await using (var journal = Open(directory))
        {
            await journal.AppendAsync(new JournalEntry.Accepted(second));
        }

        await using var again = Open(directory);

        Assert.Equal(["a", "b"], again.Runs.Select(run => run.Record.Key));
        Assert.All(again.Runs, run => Assert.Null(run.End));
    }

    [Fact]
    public async Task Damage_in_the_middle_costs_only_the_damaged_entries_and_is_kept()
    {
        using var directory = new TempDirectory();
        var bytes = JournalFormat.Encode("abc".Select(key => new JournalEntry.Accepted(Orders.Record(key.ToString()))));
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(directory["journal"], bytes);

        await using var journal = Open(directory);

        Assert.Equal(["a", "c"], journal.Runs.Select(run => run.Record.Key).Order());
        Assert.Equal(bytes, File.ReadAllBytes(directory["journal.damaged"]));
    }

    [Fact]
    public void Every_bit_of_an_entry_is_guarded()
    {
        var bytes = JournalFormat.Encode([new JournalEntry.Acknowledged("a")]);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Empty(JournalFormat.Decode(bytes, out _));
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public async Task Nothing_is_promised_while_the_disk_is_full_and_nothing_is_lost_by_it()
    {
        var file = new FailingJournalFile();
        await using (var journal = RunJournal.Open(file, NullLogger<RunJournal>.Instance))
        {
            await journal.AppendAsync(new JournalEntry.Accepted(Orders.Record("before")));
            file.IsFull = true;
            await Assert.ThrowsAsync<JournalException>(() => journal.AppendAsync(new JournalEntry.Accepted(Orders.Record("refused"))));
            await Assert.ThrowsAsync<JournalException>(() => journal.AppendAsync(new JournalEntry.KilledBeforeLaunch("refused too")));
            file.IsFull = false;
            await journal.AppendAsync(new JournalEntry.Accepted(Orders.Record("after")));
            Assert.False(journal.WasKilledBeforeLaunch("refused too"));
        }

        await using var again = RunJournal.Open(file, NullLogger<RunJournal>.Instance);

        Assert.Equal(["after", "before"], again.Runs.Select(run => run.Record.Key).Order());
    }

    [Fact]
    public async Task A_journal_does_not_grow_with_the_runs_that_are_over()
    {
        using var directory = new TempDirectory();
        await using var journal = Open(directory);
        var live = Orders.Record("live");
        await journal.AppendAsync(new JournalEntry.Accepted(live));

        // Without compaction this would leave 25,000 runs of about 600 bytes.
        for (var batch = 0; batch < 50; batch++)
        {
            await Task.WhenAll(Enumerable.Range(0, 500).Select(async number =>
            {
                var record = Orders.Record($"{batch}-{number}");
                await journal.AppendAsync(new JournalEntry.Accepted(record));
                await journal.AppendAsync(new JournalEntry.Acknowledged(record.Key));
            }));
        }

        Assert.InRange(new FileInfo(directory["journal"]).Length, 0, 12_500 * 600);
        Assert.Equal("live", Assert.Single(journal.Runs).Record.Key);
    }

    [Fact]
    public void Ids_are_remembered_in_bounds()
    {
        var ids = new RecentIds();
        for (var number = 0; number < RecentIds.Capacity + 10; number++)
        {
            ids.Add($"{number}");
        }

        Assert.Equal(RecentIds.Capacity, ids.Count);
        Assert.False(ids.Contains("9"));
        Assert.True(ids.Contains("10"));
    }

    private static RunJournal Open(TempDirectory directory) =>
        RunJournal.Open(new JournalFile(directory.Path), NullLogger<RunJournal>.Instance);
}
