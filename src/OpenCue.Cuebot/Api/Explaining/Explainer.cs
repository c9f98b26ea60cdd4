using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Hosting.Steps;
using OpenCue.Engine;
using OpenCue.Farm.Scheduling.Explaining;

namespace OpenCue.Cuebot.Api.Explaining;

/// <summary>
/// Makes explanations, in parts of well below a millisecond each, so that neither a farm of 100,000 hosts nor a job of thousands of layers holds up the
/// writer; and one after the other, so that many who ask together take one core at most. Only a submission does not wait for its turn.
/// </summary>
internal sealed class Explainer(FarmEngine engine, FarmAccess access, SchedulerStep scheduler) : IDisposable
{
    /// <summary>What the scheduler remembers of requirements and tags is not made for several readers at once.</summary>
    private readonly Lock _scheduler = new();
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Makes one for a request.</summary>
    /// <param name="request">The request, to be checked.</param>
    /// <param name="context">The call.</param>
    /// <param name="make">Makes the explanation, with the given view of the farm.</param>
    public async Task<TResult> ExplainAsync<TResult>(
        IMessage request, ServerCallContext context, Func<ExplainContext, Explanation<TResult>> make)
    {
        await _turn.WaitAsync(context.CancellationToken);
        try
        {
            return await MakeAsync(request, context, make);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What the submitter of jobs should know: which of their layers no host can run.</summary>
    public Task<IReadOnlyList<string>> CheckAsync(IMessage request, ServerCallContext context, IReadOnlyCollection<EntityId> jobs) =>
        MakeAsync(request, context, view => new SubmissionCheck(jobs) { Context = view });

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<TResult> MakeAsync<TResult>(IMessage request, ServerCallContext context, Func<ExplainContext, Explanation<TResult>> make)
    {
        Explanation<TResult>? explanation = null;
        var found = await access.ReadListAsync<ExplanationPart, TResult>(
            request,
            context,
            farm =>
            {
                lock (_scheduler)
                {
                    explanation = make(View(farm));
                    explanation.Begin();
                    return ExplanationPart.Of(farm, explanation);
                }
            },
            (farm, part, results) =>
            {
                lock (_scheduler)
                {
                    explanation!.Context = View(farm);
                    part.Look(explanation, farm, results);
                }
            });
        return found[^1];
    }

    private ExplainContext View(FarmModel farm) => new(farm, scheduler.Scheduler, engine.Now);
}
