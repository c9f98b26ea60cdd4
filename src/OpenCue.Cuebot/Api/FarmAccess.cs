using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Edge;
using OpenCue.Engine;
using OpenCue.Farm.Changes;

namespace OpenCue.Cuebot.Api;

/// <summary>How the services get at the farm: each request is checked, read or carried out by the engine, and answered when that is durable.</summary>
internal sealed class FarmAccess(FarmEngine engine, TimeProvider time)
{
    /// <summary>Trailer of an answer that is the last durable state because the store is away.</summary>
    public const string StaleTrailer = "opencue-stale";

    /// <summary>Now, ms since 1970, for what clients see.</summary>
    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Reads the farm. <paramref name="read"/> copies what is needed, 2 ms at the most, and keeps no entity.</summary>
    public async Task<T> ReadAsync<T>(
        IMessage request, ServerCallContext context, Func<FarmModel, T> read)
    {
        RequestCheck.Check(request);
        var result = await engine.QueryAsync(read, context.CancellationToken, context.Method);
        Mark(context, result.Stale);
        return result.Value;
    }

    /// <summary>Reads a long list in slices: first the keys, then what each stands for.</summary>
    public async Task<List<T>> ReadListAsync<TKey, T>(
        IMessage request,
        ServerCallContext context,
        Func<FarmModel, IReadOnlyList<TKey>> keys,
        Action<FarmModel, TKey, List<T>> read)
    {
        RequestCheck.Check(request);
        var result = await engine.QueryListAsync(keys, read, context.CancellationToken, context.Method);
        Mark(context, result.Stale);
        return result.Value;
    }

    /// <summary>Reads depends, in the order in which they came to be: that of their ids.</summary>
    public async Task<Wire.DependSeq> ReadDependsAsync(
        IMessage request, ServerCallContext context, Func<FarmModel, IReadOnlyList<DependKey>> keys)
    {
        var depends = await ReadListAsync<DependKey, Wire.Depend>(request, context, keys, DependLists.Read);
        depends.Sort((a, b) => string.CompareOrdinal(a.Id, b.Id));
        return new Wire.DependSeq { Depends = { depends } };
    }

    /// <summary>Carries out what a person asks for. It waits in the queue until the caller's deadline.</summary>
    /// <param name="request">The request, to be checked.</param>
    /// <param name="context">The call.</param>
    /// <param name="rule">Changes the farm and says what to answer: values, no entities.</param>
    /// <param name="user">The user name that the request gives, if it has a field for it.</param>
    public Task<T> ActAsync<T>(
        IMessage request, ServerCallContext context, Func<FarmEdit, T> rule, string? user = null)
    {
        RequestCheck.Check(request);
        return engine.ExecuteAsync(CommandClass.UserAction, Callers.Of(context, user), rule, context.CancellationToken, context.Method);
    }

    private static void Mark(ServerCallContext context, bool stale)
    {
        if (stale && context.ResponseTrailers.Get(StaleTrailer) is null)
        {
            context.ResponseTrailers.Add(StaleTrailer, "true");
        }
    }
}
