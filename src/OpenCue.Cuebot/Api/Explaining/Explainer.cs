using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Hosting.Steps;
using OpenCue.Engine;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling.Explaining;

namespace OpenCue.Cuebot.Api.Explaining;

/// <summary>
/// Makes explanations, in parts of well below a millisecond each, so that neither a farm of 100,000 hosts nor a job of thousands of layers holds up the
/// writer; and one after the other, so that many who ask together take one core at most. Only a submission does not wait for its turn.
/// </summary>
internal sealed class Explainer(FarmEngine engine, FarmAccess access, SchedulerStep scheduler) : IDisposable
{
    /// <summary>So many hosts are looked at in one part, for one need.</summary>
    private const int HostsAtOnce = 500;
    private const int JobsAtOnce = 100;

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
        var found = await access.ReadListAsync<Part, TResult>(
            request,
            context,
            farm =>
            {
                lock (_scheduler)
                {
                    explanation = make(View(farm));
                    explanation.Begin();
                    return Parts(farm, explanation);
                }
            },
            (farm, part, results) =>
            {
                lock (_scheduler)
                {
                    Look(explanation!, farm, part, results);
                }
            });
        return found[^1];
    }

    private ExplainContext View(FarmModel farm) => new(farm, scheduler.Scheduler, engine.Now);

    private static List<Part> Parts<TResult>(FarmModel farm, Explanation<TResult> explanation) =>
    [
        .. EntitySlice<Job>.Of(farm, explanation.Jobs, JobsAtOnce).Select(jobs => new Part(Jobs: jobs)),
        .. EntitySlice<Host>.Of(farm, explanation.Hosts, Math.Max(1, HostsAtOnce / Math.Max(1, explanation.Needs))).Select(hosts => new Part(Hosts: hosts)),
        .. Enumerable.Range(0, explanation.Sums).Select(sum => new Part(Sum: sum)),
        default,
    ];

    private void Look<TResult>(Explanation<TResult> explanation, FarmModel farm, Part part, List<TResult> results)
    {
        explanation.Context = View(farm);
        if (part.Jobs is { } jobs)
        {
            foreach (var job in jobs.In(farm))
            {
                explanation.Look(job);
            }
        }
        else if (part.Hosts is { } hosts)
        {
            foreach (var host in hosts.In(farm))
            {
                explanation.Look(host);
            }
        }
        else if (part.Sum is { } sum)
        {
            explanation.Sum(sum);
        }
        else
        {
            results.Add(explanation.End());
        }
    }

    /// <summary>What is looked at in one go; nothing of it for the end.</summary>
    private readonly record struct Part(EntitySlice<Job>? Jobs = null, EntitySlice<Host>? Hosts = null, int? Sum = null);
}
