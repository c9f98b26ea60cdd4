using OpenCue.Storage.CrashWriter;
using OpenCue.Storage.Sqlite;
using OpenCue.Storage.Tests.Support;

namespace OpenCue.Storage.Tests;

public sealed class SqliteStoreTests
{
    [Fact]
    public async Task A_second_server_on_the_same_file_is_refused_with_the_way_out()
    {
        await using var home = new SqliteHome();
        await using var first = home.OpenSqlite();
        await first.TakeOverAsync("first", default);

        await using (var second = home.OpenSqlite())
        {
            var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => second.TakeOverAsync("second", default));
            Assert.Contains("in use by another process", exception.Message, StringComparison.Ordinal);
            Assert.Contains(home.File, exception.Message, StringComparison.Ordinal);
        }

        // The attempt has done the first one no harm.
        await first.CommitAsync(CountedFarm.Batch(1), default);
    }

    [Fact]
    public async Task The_server_of_another_process_is_refused_as_well()
    {
        await using var home = new SqliteHome();
        await using var first = home.OpenSqlite();
        await first.TakeOverAsync("first", default);

        await using var second = Writer.Start("sqlite", home.File, 1);
        var (exitCode, errors) = await second.WaitForEndAsync();

        Assert.NotEqual(0, exitCode);
        Assert.Contains("in use by another process", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_is_free_for_the_next_server_once_the_store_is_disposed()
    {
        await using var home = new SqliteHome();
        for (var n = 1; n <= 3; n++)
        {
            await using var store = home.OpenSqlite();
            Assert.Equal(n - 1, (await store.TakeOverAsync("next", default)).Sequence);
            await store.CommitAsync(CountedFarm.Batch(n), default);
        }
    }

    [Fact]
    public async Task No_shared_memory_file_is_made_because_nobody_shares()
    {
        await using var home = new SqliteHome();
        await using var store = home.OpenSqlite();
        await store.TakeOverAsync("first", default);
        await store.CommitAsync(CountedFarm.Batch(1), default);

        Assert.True(File.Exists(home.File + "-wal"));
        Assert.False(File.Exists(home.File + "-shm"));
    }

    [Fact]
    public async Task A_full_disk_is_said_nothing_is_acknowledged_and_work_goes_on_when_there_is_room()
    {
        await using var home = new SqliteHome();
        await using var store = home.OpenSqlite();
        store.AfterOpen = "PRAGMA max_page_count = 120";
        await store.TakeOverAsync("first", default);
        var acknowledged = 0L;
        var full = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            while (true)
            {
                await store.CommitAsync(CountedFarm.Batch(acknowledged + 1), default);
                acknowledged++;
            }
        });
        Assert.Contains("no room", full.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CommitAsync(CountedFarm.Batch(acknowledged + 1), default));

        store.AfterOpen = null;
        await store.CommitAsync(CountedFarm.Batch(acknowledged + 1), default);

        var rows = await store.TakeOverAsync("again", default);
        Assert.Equal(acknowledged + 1, rows.Sequence);
        Assert.Null(await CountedFarm.FindFaultAsync(store, rows));
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_named()
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var store = new SqliteFarmStore(
            Path.Combine(folder, "cue.db"), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<SqliteFarmStore>.Instance);

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TakeOverAsync("first", default));

        Assert.Contains($"the folder {folder} does not exist", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_alone()
    {
        await using var home = new SqliteHome();
        var text = string.Concat(Enumerable.Repeat("my thesis, the only copy\n", 1000));
        await File.WriteAllTextAsync(home.File, text);
        await using (var store = home.OpenSqlite())
        {
            var exception = await Assert.ThrowsAsync<StoreDataException>(() => store.TakeOverAsync("first", default));
            Assert.Contains("no SQLite database", exception.Message, StringComparison.Ordinal);
        }

        Assert.Equal(text, await File.ReadAllTextAsync(home.File));
    }

    [Fact]
    public async Task A_damaged_file_is_said_to_be_damaged()
    {
        await using var home = new SqliteHome();
        await using (var store = home.OpenSqlite())
        {
            await store.TakeOverAsync("first", default);
            for (var n = 1; n <= 50; n++)
            {
                await store.CommitAsync(CountedFarm.Batch(n), default);
            }
        }

        await using (var file = File.OpenWrite(home.File))
        {
            // All pages but the first: whatever the load reads first, it reads rubbish.
            file.Position = 4096;
            file.Write(Enumerable.Repeat((byte)0xA5, (int)(file.Length - 4096)).ToArray());
        }

        await using var again = home.OpenSqlite();
        await Assert.ThrowsAsync<StoreDataException>(() => again.TakeOverAsync("second", default));
    }

    [Fact]
    public async Task A_commit_before_the_take_over_is_a_mistake_of_the_caller()
    {
        await using var home = new SqliteHome();
        await using var store = home.OpenSqlite();

        await Assert.ThrowsAsync<InvalidOperationException>(() => store.CommitAsync(CountedFarm.Batch(1), default));
    }
}
