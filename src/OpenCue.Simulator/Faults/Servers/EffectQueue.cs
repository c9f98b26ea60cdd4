using OpenCue.Engine;
using OpenCue.Engine.Sinks;

namespace OpenCue.Simulator.Faults.Servers;

/// <summary>Carries effects from the engine to the launcher, one batch after the other, as the engine's own task does in a server with threads.</summary>
internal sealed class EffectQueue(SimServer server, IEffectSink sink) : IEffectSink
{
    private readonly Queue<EffectBatch> _waiting = [];
    private bool _isCarrying;
    private bool _lost;
    private int _drop;

    /// <summary>The next batches are dropped; the one after them says so.</summary>
    public void Drop(int batches) => _drop = batches;

    /// <inheritdoc/>
    public int Backlog => sink.Backlog + _waiting.Sum(b => b.Effects.Count);

    /// <inheritdoc/>
    public ValueTask DeliverAsync(EffectBatch batch, CancellationToken cancel)
    {
        if (_drop > 0 && batch.Effects.Count > 0)
        {
            _drop--;
            _lost = true;
            server.Dropped(batch.Effects.Count);
            batch = batch with { Effects = [] };
        }

        _waiting.Enqueue(batch);
        if (!_isCarrying)
        {
            _isCarrying = true;
            server.Threads.Begin(CarryAsync);
        }

        return ValueTask.CompletedTask;
    }

    private async Task CarryAsync()
    {
        while (_waiting.TryDequeue(out var batch))
        {
            try
            {
                var resync = batch.Resync || _lost;
                _lost = false;
                await sink.DeliverAsync(batch with { Resync = resync }, CancellationToken.None);
            }
            catch (EngineUnavailableException)
            {
                _lost = true;
            }

            await Task.Yield();
        }

        _isCarrying = false;
    }
}
