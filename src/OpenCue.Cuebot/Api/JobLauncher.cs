using System.Text;
using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Edge;
using OpenCue.Cuebot.Api.Explaining;
using OpenCue.Engine;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Jobs.Submitting;
using OpenCue.Specs.Launch;

namespace OpenCue.Cuebot.Api;

/// <summary>
/// Brings a launch specification into the farm: reads it, stores it in steps that nobody sees and that hold nobody up, and makes all its jobs
/// active together. The caller is answered when they are, and durable; if anything goes wrong before, nothing stays.
/// </summary>
/// <remarks>OpenCue answers LaunchSpec before it has stored anything, and tells of failures by mail.</remarks>
internal sealed partial class JobLauncher(FarmEngine engine, JobSpecOptions bounds, Explainer explainer, ILogger<JobLauncher> logger) : IDisposable
{
    /// <summary>Trailers with what the submitter should know although the jobs were accepted, one each, UTF-8.</summary>
    public const string WarningTrailer = "opencue-warning-bin";

    /// <summary>Submissions at the same time. More would only take memory and each other's turns.</summary>
    private const int AtOnce = 4;

    private const int MostWarnings = 20;

    private readonly SemaphoreSlim _places = new(AtOnce);

    /// <summary>Launches a specification.</summary>
    /// <param name="request">The request, to be checked.</param>
    /// <param name="xml">The specification.</param>
    /// <param name="context">The call. If it is given up, so is the launch.</param>
    /// <param name="prefix">What OpenCue's clients look for at the beginning of the message, with the status INTERNAL.</param>
    /// <param name="answer">What is told of each job, post jobs left out.</param>
    /// <param name="response">Makes the response.</param>
    public async Task<TResponse> LaunchAsync<TAnswer, TResponse>(
        IMessage request, string xml, ServerCallContext context, string prefix, Func<Job, TAnswer> answer, Func<List<TAnswer>, TResponse> response)
    {
        RequestCheck.Check(request);
        await _places.WaitAsync(context.CancellationToken);
        try
        {
            var document = JobSpecReader.Read(xml, bounds);
            var jobs = await SubmitAsync(request, document, context, answer);
            return response(jobs);
        }
        catch (JobSpecException e)
        {
            throw new FarmException(Refusal.Internal, prefix + e.Message);
        }
        catch (FarmException e) when (e.Refusal != Refusal.ResourceExhausted)
        {
            throw new FarmException(Refusal.Internal, prefix + e.Message);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private async Task<List<TAnswer>> SubmitAsync<TAnswer>(
        IMessage request, JobSpecDocument document, ServerCallContext context, Func<Job, TAnswer> answer)
    {
        var actor = Callers.Of(context, document.User);
        var cancel = context.CancellationToken;

        // Only the writer sets it, and reads it to take it back: a caller may go away when it was begun and he was not told yet.
        (Submission Submission, FarmModel Farm)? begun = null;
        try
        {
            var (submission, farm) = await engine.ExecuteAsync(
                CommandClass.UserAction, actor, edit => (begun = (Submission.Begin(edit, document), edit.Farm)).Value, cancel, "BeginLaunch");
            while (await engine.ExecuteAsync(CommandClass.UserAction, actor, edit => submission.Step(Same(edit, farm)), cancel, "StepLaunch"))
            {
            }

            var jobs = await engine.ExecuteAsync(
                CommandClass.UserAction, actor, edit => submission.Activate(Same(edit, farm)).Select(job => (job.Id, Answer: answer(job))).ToList(), cancel, "ActivateLaunch");
            Warn(context, submission.Warnings);
            await CheckAsync(request, context, jobs.ConvertAll(job => job.Id), submission.Warnings.Count);
            return jobs.ConvertAll(job => job.Answer);
        }
        catch
        {
            // The caller's deadline holds: while the store is away, taking back waits for it without him.
            await DropAsync(() => begun, actor).WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>
    /// Tells of layers that no host can run: the submitter, and the log, as OpenCue's clients don't show warnings. The jobs are there by now, and stay
    /// whatever happens here.
    /// </summary>
    private async Task CheckAsync(IMessage request, ServerCallContext context, IReadOnlyCollection<EntityId> jobs, int warnings)
    {
        try
        {
            var found = await explainer.CheckAsync(request, context, jobs);
            foreach (var warning in found.Take(MostWarnings))
            {
                LogNeverRuns(warning);
            }

            Warn(context, [.. found.Take(Math.Max(0, MostWarnings - warnings))]);
        }
        catch (Exception e) when (e is EngineUnavailableException or OperationCanceledException)
        {
            LogNotChecked(e.Message);
        }
    }

    /// <summary>
    /// The edit, if the farm is still the one in which the submission was begun. If it was loaded anew meanwhile, what had been stored of the
    /// submission was dropped.
    /// </summary>
    private static FarmEdit Same(FarmEdit edit, FarmModel begunIn) => ReferenceEquals(edit.Farm, begunIn)
        ? edit
        : throw FarmException.Precondition("the server had to load its farm anew while the jobs were being stored; submit them again");

    private async Task DropAsync(Func<(Submission Submission, FarmModel Farm)?> begun, Actor actor)
    {
        try
        {
            await engine.ExecuteAsync(
                CommandClass.Internal,
                actor,
                edit =>
                {
                    if (begun() is { } taken && ReferenceEquals(edit.Farm, taken.Farm))
                    {
                        taken.Submission.Drop(edit);
                    }

                    return 0;
                },
                CancellationToken.None,
                "DropLaunch");
        }
        catch (EngineUnavailableException e)
        {
            // What was stored of it is dropped when the farm is loaded the next time.
            LogLeftOver(e.Message);
        }
    }

    [LoggerMessage(EventId = 5101, Level = LogLevel.Information, Message = "A launch was given up; the next start takes back what was stored of it. {Reason}")]
    private partial void LogLeftOver(string reason);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Warning, Message = "Accepted, but {Warning}")]
    private partial void LogNeverRuns(string warning);

    [LoggerMessage(EventId = 5103, Level = LogLevel.Information, Message = "It was not looked whether hosts can run what was submitted: {Reason}")]
    private partial void LogNotChecked(string reason);

    private static void Warn(ServerCallContext context, IReadOnlyList<string> warnings)
    {
        foreach (var warning in warnings.Take(MostWarnings))
        {
            context.ResponseTrailers.Add(WarningTrailer, Encoding.UTF8.GetBytes(warning));
        }
    }
}
