using System.Runtime.ExceptionServices;
using OpenCue.Engine.Batches;
using OpenCue.Farm;
using OpenCue.Farm.Jobs;

namespace OpenCue.Engine.Queries;

/// <summary>Lets callers read the model, several at a time, between the writer's turns, and holds their answers until what they saw is durable.</summary>
internal sealed class QueryDesk(EngineCore core)
{
    private readonly HoldWatch _watch = new(
        "query", core.Options.QueryHold, core.Time, core.Instruments.QueryHold, core.Instruments.QueriesOverHeld, core.Logger);

    /// <summary>Reads once.</summary>
    public async Task<QueryResult<T>> ReadAsync<T>(Func<FarmModel, T> read, string name, CancellationToken cancel)
    {
        while (true)
        {
            var seen = await LookAsync(read, name, cancel).ConfigureAwait(false);

            // Even an error tells of what was seen, so it waits as well. What was taken back is looked at again: the answer would tell of what never was.
            if (seen.Undurable is null || await seen.Undurable.Settled.WaitAsync(cancel).ConfigureAwait(false))
            {
                seen.Failure?.Throw();
                return new QueryResult<T>(seen.Value, seen.Sequence, seen.Stale);
            }
        }
    }

    /// <summary>Reads once and does not wait for what was seen to become durable.</summary>
    public async Task<T> PeekAsync<T>(Func<FarmModel, T> read, string name, CancellationToken cancel)
    {
        var seen = await LookAsync(read, name, cancel).ConfigureAwait(false);
        seen.Failure?.Throw();
        return seen.Value;
    }

    /// <summary>Reads key by key, as many in one hold as fit into half of what a query may take.</summary>
    public async Task<QueryResult<List<T>>> ReadListAsync<TKey, T>(
        Func<FarmModel, IReadOnlyList<TKey>> keys, Action<FarmModel, TKey, List<T>> read, string name, CancellationToken cancel)
    {
        while (true)
        {
            var seen = await LookAsync(keys, name, cancel).ConfigureAwait(false);
            seen.Failure?.Throw();
            var (all, next, items) = (seen.Value, 0, new List<T>());
            var undurable = seen.Undurable;
            while (next < all.Count)
            {
                var slice = await LookAsync(
                    farm =>
                    {
                        var start = core.Time.GetTimestamp();
                        do
                        {
                            ReadOne(farm, all[next]);
                            next++;
                        }
                        while (next < all.Count && core.Time.GetElapsedTime(start) < core.Options.QueryHold / 2);
                        return true;
                    },
                    name,
                    cancel).ConfigureAwait(false);
                undurable = slice.Undurable ?? undurable;
                if (slice.Failure is not null)
                {
                    if (undurable is null || await undurable.Settled.WaitAsync(cancel).ConfigureAwait(false))
                    {
                        slice.Failure.Throw();
                    }

                    break;
                }

                seen = seen with { Sequence = slice.Sequence, Stale = seen.Stale || slice.Stale };
            }

            // Batches become durable in their order, so the last one seen stands for all.
            if (next == all.Count && (undurable is null || await undurable.Settled.WaitAsync(cancel).ConfigureAwait(false)))
            {
                return new QueryResult<List<T>>(items, seen.Sequence, seen.Stale);
            }

            void ReadOne(FarmModel farm, TKey key)
            {
                var before = items.Count;
                try
                {
                    read(farm, key, items);
                }
                catch (FramesAwayException)
                {
                    // It is read again when they have come.
                    items.RemoveRange(before, items.Count - before);
                    throw;
                }
            }
        }
    }

    /// <summary>Looks once; if it comes upon frames that are in the store alone, again when they have come.</summary>
    private async ValueTask<Look<T>> LookAsync<T>(Func<FarmModel, T> read, string name, CancellationToken cancel)
    {
        while (true)
        {
            var seen = await LookOnceAsync(read, name, cancel).ConfigureAwait(false);
            if (seen.Failure?.SourceException is not FramesAwayException away)
            {
                return seen;
            }

            await core.Pager.FetchAsync(away).WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    private async ValueTask<Look<T>> LookOnceAsync<T>(Func<FarmModel, T> read, string name, CancellationToken cancel)
    {
        await core.Gate.EnterReadAsync(cancel).ConfigureAwait(false);
        var start = core.Time.GetTimestamp();
        try
        {
            var live = core.Live;
            var state = core.Status.State;
            if (live is null || state is not (EngineState.Running or EngineState.Unavailable or EngineState.Stopping))
            {
                throw new EngineUnavailableException(state, $"The server can't answer now, it is {state.ToString().ToLowerInvariant()}. {core.Status.Status.Reason}");
            }

            try
            {
                return new Look<T>(read(live.Model), null, live.Undurable, live.ShownSequence, live.IsStale);
            }
            catch (Exception e)
            {
                return new Look<T>(default!, ExceptionDispatchInfo.Capture(e), live.Undurable, live.ShownSequence, live.IsStale);
            }
        }
        finally
        {
            core.Gate.ExitRead();
            _watch.OnHeld(name, core.Time.GetElapsedTime(start));
        }
    }

    private readonly record struct Look<T>(T Value, ExceptionDispatchInfo? Failure, Batch? Undurable, long Sequence, bool Stale);
}
