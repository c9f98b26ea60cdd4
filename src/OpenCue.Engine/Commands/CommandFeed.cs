namespace OpenCue.Engine.Commands;

/// <summary>All queues of the engine, and the order in which the writer takes from them.</summary>
internal sealed class CommandFeed
{
    // By class, as are the queues. Part of a turn by whose end the class must have made room for those behind it. What a class does not need is theirs.
    private static readonly double[] Share = [0.5, 0.75, 0.9, 1.0];

    private readonly CommandQueue[] _queues;
    private readonly Buffer[] _buffers = [new(), new(), new(), new()];
    private readonly LinkedList<Command> _again = [];

    public CommandFeed(EngineOptions options, EngineInstruments instruments)
    {
        // Completions and internal commands are bounded by their callers, each of whom is held until it is answered.
        _queues =
        [
            new CommandQueue(int.MaxValue),
            new CommandQueue(options.UserActionsWaiting),
            new ReportQueue(options.ReportsWaiting, instruments),
            new CommandQueue(int.MaxValue),
        ];
    }

    /// <summary>True if nothing waits. Exact only on the writer.</summary>
    public bool IsEmpty
    {
        get
        {
            for (var i = 0; i < _queues.Length; i++)
            {
                if (_queues[i].Depth > 0 || _buffers[i].Left > 0)
                {
                    return false;
                }
            }

            return _again.Count == 0;
        }
    }

    /// <summary>Commands of a class that wait.</summary>
    public int Depth(CommandClass commandClass) => _queues[(int)commandClass].Depth + _buffers[(int)commandClass].Left;

    /// <summary>Queues a command; false if too many of its class wait.</summary>
    public bool TryAdd(Command command) => _queues[(int)command.Class].TryAdd(command);

    /// <summary>Gives up the place of a command whose caller has gone.</summary>
    public void Abandon(Command command) => _queues[(int)command.Class].Abandon(command);

    /// <summary>Puts commands in front of all others, in their order: they had been taken before. Only on the writer.</summary>
    public void PutBack(IReadOnlyList<Command> commands)
    {
        for (var i = commands.Count - 1; i >= 0; i--)
        {
            _again.AddFirst(commands[i]);
        }
    }

    /// <summary>
    /// Applies what waits: what was put back first, then class by class, each up to its share, so that a flood of one class never stops another;
    /// then what is left, until the turn is over. Only on the writer.
    /// </summary>
    /// <param name="apply">Applies one command; false if its caller has gone.</param>
    /// <param name="most">Most commands in this turn.</param>
    /// <param name="elapsed">How much of the turn's time has gone, from 0; at 1 it is over.</param>
    /// <param name="hasRoom">False when the open batch is full.</param>
    /// <returns>How many were applied.</returns>
    public int Drain(Func<Command, bool> apply, int most, Func<double> elapsed, Func<bool> hasRoom)
    {
        var applied = 0;
        while (_again.First is { } first && applied < most && elapsed() < 1 && hasRoom())
        {
            _again.RemoveFirst();
            applied += apply(first.Value) ? 1 : 0;
        }

        for (var shared = true; ; shared = false)
        {
            var before = applied;
            for (var i = 0; i < _queues.Length; i++)
            {
                var share = shared ? Share[i] : 1;
                while (applied < most * share && elapsed() < share && hasRoom() && TryNext(i, out var command))
                {
                    applied += apply(command) ? 1 : 0;
                }
            }

            if (applied == before && !shared)
            {
                return applied;
            }
        }
    }

    /// <summary>Takes out everything that waits.</summary>
    public IEnumerable<Command> TakeAll()
    {
        while (_again.First is { } first)
        {
            _again.RemoveFirst();
            yield return first.Value;
        }

        for (var i = 0; i < _queues.Length; i++)
        {
            while (TryNext(i, out var command))
            {
                yield return command;
            }
        }
    }

    private bool TryNext(int index, out Command command)
    {
        var buffer = _buffers[index];
        if (buffer.Left == 0)
        {
            buffer.Next = 0;
            buffer.Count = _queues[index].Depth == 0 ? 0 : _queues[index].Take(buffer.Items);
            if (buffer.Count == 0)
            {
                command = null!; // The answer says that there is none.
                return false;
            }
        }

        command = buffer.Items[buffer.Next];
        buffer.Items[buffer.Next++] = null!; // Not looked at again before the buffer is filled again.
        return true;
    }

    private sealed class Buffer
    {
        public Command[] Items { get; } = new Command[64];

        public int Next { get; set; }

        public int Count { get; set; }

        public int Left => Count - Next;
    }
}
