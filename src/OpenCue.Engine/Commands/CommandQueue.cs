namespace OpenCue.Engine.Commands;

/// <summary>Commands of one class that wait for the writer, in the order of their arrival.</summary>
internal class CommandQueue(int capacity)
{
    private readonly Queue<Command> _commands = [];
    private int _abandoned;

    /// <summary>How many wait, abandoned ones left out.</summary>
    public int Depth { get; private set; }

    protected Lock Lock { get; } = new();

    /// <summary>Queues a command; false if too many wait.</summary>
    public virtual bool TryAdd(Command command)
    {
        lock (Lock)
        {
            if (Depth >= capacity)
            {
                return false;
            }

            Enqueue(command);
            return true;
        }
    }

    /// <summary>Moves up to <paramref name="room"/>.Length waiting commands out of the queue; returns how many.</summary>
    public int Take(Span<Command> room)
    {
        lock (Lock)
        {
            var count = 0;
            while (count < room.Length && _commands.TryDequeue(out var command))
            {
                if (!command.IsQueued)
                {
                    _abandoned--;
                    continue;
                }

                command.IsQueued = false;
                Depth--;
                OnTaken(command);
                room[count++] = command;
            }

            return count;
        }
    }

    /// <summary>Gives up the place of a command whose caller has gone, so that it does not keep others out.</summary>
    public void Abandon(Command command)
    {
        lock (Lock)
        {
            if (!command.IsQueued)
            {
                return;
            }

            command.IsQueued = false;
            Depth--;
            if (++_abandoned > Depth + 64)
            {
                Sweep();
            }
        }
    }

    protected bool IsFull => Depth >= capacity;

    protected void Enqueue(Command command)
    {
        command.IsQueued = true;
        Depth++;
        _commands.Enqueue(command);
    }

    protected virtual void OnTaken(Command command)
    {
    }

    private void Sweep()
    {
        for (var i = _commands.Count; i > 0; i--)
        {
            var command = _commands.Dequeue();
            if (command.IsQueued)
            {
                _commands.Enqueue(command);
            }
        }

        _abandoned = 0;
    }
}
