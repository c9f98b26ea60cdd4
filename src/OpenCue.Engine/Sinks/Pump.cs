using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using OpenCue.Farm;

namespace OpenCue.Engine.Sinks;

/// <summary>
/// Carries what became durable to a sink, batch by batch, in order. It holds a bounded number of items: if the sink does not keep up, all that waits is
/// dropped and the sink is told to find out by itself. The writer never waits for a sink.
/// </summary>
internal sealed partial class Pump<TItem>(
    string name,
    int capacity,
    Func<Pump<TItem>.Delivery, CancellationToken, ValueTask> deliver,
    EngineInstruments instruments,
    ILogger logger)
{
    private readonly Queue<Delivery> _waiting = [];
    private readonly Channel<bool> _arrived =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _items;
    private bool _lost;
    private bool _closed;

    /// <summary>Which items the sink takes; all, if nothing is said.</summary>
    public Func<TItem, bool>? IsWanted { get; init; }

    /// <summary>Items not delivered yet.</summary>
    public int Depth => Volatile.Read(ref _items);

    /// <summary>Queues what a durable batch asks for. Batches come in order.</summary>
    public void Offer(long sequence, FarmTime time, List<TItem> items)
    {
        if (IsWanted is { } isWanted)
        {
            items = items.FindAll(item => isWanted(item));
        }

        if (items.Count == 0)
        {
            return;
        }

        lock (_waiting)
        {
            if (_items + items.Count > capacity && _items > 0)
            {
                instruments.SinkDropped.Add(_items + items.Count, new KeyValuePair<string, object?>("sink", name));
                LogDropped(name, _items + items.Count);
                _waiting.Clear();
                _items = 1;
                _waiting.Enqueue(new Delivery(sequence, time, [], true));
            }
            else
            {
                _items += items.Count;
                _waiting.Enqueue(new Delivery(sequence, time, items, false));
            }
        }

        _arrived.Writer.TryWrite(true);
    }

    /// <summary>Drops what waits and tells the sink to find out by itself: the farm was loaded.</summary>
    public void Reset(long sequence, FarmTime time)
    {
        lock (_waiting)
        {
            _waiting.Clear();
            _items = 1;
            _waiting.Enqueue(new Delivery(sequence, time, [], true));
        }

        _arrived.Writer.TryWrite(true);
    }

    /// <summary>Drops what waits: another server has the farm now.</summary>
    public void Clear()
    {
        lock (_waiting)
        {
            _waiting.Clear();
            _items = 0;
        }
    }

    /// <summary>Delivers until closed and empty.</summary>
    public async Task RunAsync(Action delivered, CancellationToken cancel)
    {
        while (true)
        {
            await _arrived.Reader.ReadAsync(cancel).ConfigureAwait(false);
            while (TryTake(out var next))
            {
                await DeliverAsync(next, cancel).ConfigureAwait(false);
                delivered();
            }

            lock (_waiting)
            {
                if (_closed && _waiting.Count == 0)
                {
                    return;
                }
            }
        }
    }

    /// <summary>Lets <see cref="RunAsync"/> end when everything is delivered.</summary>
    public void Close()
    {
        lock (_waiting)
        {
            _closed = true;
        }

        _arrived.Writer.TryWrite(true);
    }

    /// <summary>Delivers all that waits on this thread. True if there was something.</summary>
    public bool DeliverNow()
    {
        var any = false;
        while (TryTake(out var next))
        {
            any = true;
            var delivery = DeliverAsync(next, CancellationToken.None);
            if (!delivery.IsCompleted)
            {
                throw new InvalidOperationException($"The sink of {name} must complete at once when the engine is driven by hand.");
            }
        }

        return any;
    }

    private bool TryTake(out Delivery next)
    {
        lock (_waiting)
        {
            if (!_waiting.TryDequeue(out next!))
            {
                return false;
            }

            if (_lost)
            {
                next = next with { Lost = true };
                _lost = false;
            }

            return true;
        }
    }

    private async Task DeliverAsync(Delivery next, CancellationToken cancel)
    {
        try
        {
            await deliver(next, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            LogFailed(e, name, next.Sequence);
            _lost = true;
        }
        finally
        {
            lock (_waiting)
            {
                _items = Math.Max(0, _items - Math.Max(1, next.Items.Count));
            }
        }
    }

    [LoggerMessage(EventId = 1121, Level = LogLevel.Warning,
        Message = "The sink of {Sink} does not keep up: {Count} were dropped, and it was told to find out by itself what there is to do")]
    private partial void LogDropped(string sink, int count);

    [LoggerMessage(EventId = 1122, Level = LogLevel.Error, Message = "The sink of {Sink} failed at batch {Sequence}; its next delivery says so")]
    private partial void LogFailed(Exception failure, string sink, long sequence);

    /// <summary>What one batch asks for.</summary>
    internal sealed record Delivery(long Sequence, FarmTime Time, IReadOnlyList<TItem> Items, bool Lost);
}
