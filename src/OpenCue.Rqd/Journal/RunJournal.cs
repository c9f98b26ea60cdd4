using System.Threading.Channels;

namespace OpenCue.Rqd.Journal;

/// <summary>
/// What the agent owes cuebot, on disk: runs it accepted, how they ended, which ends cuebot has acknowledged, and launches that must not
/// happen any more.
/// </summary>
/// <remarks>
/// Entries that wait at the same time share one write and one sync. After a write that failed (disk full) nothing is known about the
/// end of the file, so the next attempt starts a new file from what is known to be durable.
/// </remarks>
internal sealed partial class RunJournal : IAsyncDisposable
{
    private const int CompactAbove = 20_000;

    private readonly IJournalFile _file;
    private readonly ILogger<RunJournal> _logger;
    private readonly JournalState _state = new();
    private readonly Lock _stateLock = new();
    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _writer;
    private int _entriesInFile;
    private bool _startNewFile;

    private RunJournal(IJournalFile file, ILogger<RunJournal> logger)
    {
        _file = file;
        _logger = logger;
        Load();
        _writer = Task.Run(WriteAllAsync);
    }

    /// <summary>Reads the journal, repairs a torn end, and makes it ready for more.</summary>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static RunJournal Open(IJournalFile file, ILogger<RunJournal> logger) => new(file, logger);

    /// <summary>The runs that cuebot has not acknowledged, oldest first.</summary>
    public IReadOnlyList<JournaledRun> Runs
    {
        get
        {
            lock (_stateLock)
            {
                return _state.Runs;
            }
        }
    }

    public bool WasAcknowledged(string key)
    {
        lock (_stateLock)
        {
            return _state.WasAcknowledged(key);
        }
    }

    public bool WasKilledBeforeLaunch(string runId)
    {
        lock (_stateLock)
        {
            return _state.WasKilledBeforeLaunch(runId);
        }
    }

    /// <summary>Adds an entry; done when it is durable.</summary>
    /// <exception cref="JournalException">It could not be stored. The next attempt may succeed.</exception>
    public async Task AppendAsync(JournalEntry entry)
    {
        var waiting = new Waiting(entry, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!_waiting.Writer.TryWrite(waiting))
        {
            throw new JournalException("The journal is closed: the agent is stopping.");
        }

        await waiting.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writer;
        (_file as IDisposable)?.Dispose();
    }

    private void Load()
    {
        var entries = JournalFormat.Decode(_file.ReadAll(), out var damagedLines);
        if (damagedLines > 0)
        {
            _file.KeepDamaged();
            LogDamaged(damagedLines);
        }
        foreach (var entry in entries)
        {
            _state.Apply(entry);
        }

        StartNewFile();
    }

    private async Task WriteAllAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            var batch = new List<Waiting>();
            while (_waiting.Reader.TryRead(out var waiting))
            {
                batch.Add(waiting);
            }

            Write(batch);
        }
    }

    private void Write(List<Waiting> batch)
    {
        try
        {
            if (_startNewFile || _entriesInFile > Math.Max(CompactAbove, 2 * _state.EntryCount))
            {
                StartNewFile();
            }

            _startNewFile = true;
            _file.Append(JournalFormat.Encode(batch.Select(waiting => waiting.Entry)));
            _startNewFile = false;
            _entriesInFile += batch.Count;
        }
        catch (Exception error)
        {
            LogWriteFailed(error, batch.Count);
            foreach (var waiting in batch)
            {
                waiting.Done.SetException(new JournalException($"The journal cannot be written: {error.Message}", error));
            }

            return;
        }
        lock (_stateLock)
        {
            foreach (var waiting in batch)
            {
                _state.Apply(waiting.Entry);
            }
        }
        foreach (var waiting in batch)
        {
            waiting.Done.SetResult();
        }
    }

    private void StartNewFile()
    {
        var entries = _state.Entries().ToList();
        _file.Replace(JournalFormat.Encode(entries));
        _entriesInFile = entries.Count;
    }

    private sealed record Waiting(JournalEntry Entry, TaskCompletionSource Done);

    [LoggerMessage(EventId = 4100, Level = LogLevel.Error,
        Message = "The journal had {Count} damaged entries before good ones. A copy is kept as journal.damaged; runs may be missing")]
    private partial void LogDamaged(int count);

    [LoggerMessage(EventId = 4101, Level = LogLevel.Error, Message = "{Count} entries could not be stored in the journal")]
    private partial void LogWriteFailed(Exception error, int count);
}
