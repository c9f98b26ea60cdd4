using Grpc.Core;
using OpenCue.Cuebot.Api.Edge;
using OpenCue.Cuebot.Api.Logs;
using OpenCue.Cuebot.Events;
using OpenCue.Cuebot.Hosting;
using OpenCue.Engine;
using OpenCue.Engine.Storing;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;
using OpenCue.Protocol.V1;
using OpenCue.Specs.Commands;

namespace OpenCue.Cuebot.Api;

/// <summary><c>opencue.v1.AdminInterface</c>: our own, for people who look after a farm.</summary>
internal sealed class AdminService(
    FarmEngine engine, IFarmStore store, EventLog events, FarmAccess access, LogReader logs, ServerStart start) : AdminInterface.AdminInterfaceBase
{
    private const int MostProblems = 1000;

    /// <summary>Folders between the root of the logs and a log: show, shot, <c>logs</c>, and the job's own.</summary>
    private const int FoldersBelowRoot = 4;

    /// <inheritdoc/>
    public override async Task<GetStatusResponse> GetStatus(GetStatusRequest request, ServerCallContext context)
    {
        var status = engine.Status;
        var response = new GetStatusResponse
        {
            State = StateOf(status.State),
            Reason = status.Reason ?? (store as PatientStore)?.Missing ?? "",
            Since = status.SinceMs,
            Version = WebPages.Version,
            Store = store.Description,
            Started = start.AtMs,
            Alarms = { events.Alarms.Select(alarm => new Alarm { Time = alarm.AtMs, Text = alarm.Text }) },
        };
        if (status.State is EngineState.Running or EngineState.Unavailable)
        {
            response.Counts = await FarmCounter.CountAsync(access, request, context);
            var now = engine.Now;
            response.StrayRuns = await access.ReadAsync(request, context, farm => new StrayRuns
            {
                Reported = farm.Strays.Reported,
                Unknown = farm.Strays.Unknown,
                KillsHeld = farm.Strays.Unknown > 0 && !farm.Strays.MayKill(farm, now),
            });
        }

        return response;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Part by part, so that a farm of any size goes on meanwhile. Each part is checked between two commands, when all that is said of it holds.
    /// </remarks>
    public override async Task<VerifyResponse> Verify(VerifyRequest request, ServerCallContext context)
    {
        var problems = await access.ReadListAsync<FarmPart, string>(
            request, context, FarmInvariants.Parts, (farm, part, found) => found.AddRange(FarmInvariants.Check(farm, part)));
        return new() { Problems = { problems.Distinct().Take(MostProblems) } };
    }

    /// <inheritdoc/>
    public override async Task<GetUnknownRunsResponse> GetUnknownRuns(GetUnknownRunsRequest request, ServerCallContext context)
    {
        var runs = await access.ReadListAsync<EntityId, UnknownRun>(
            request,
            context,
            farm => [.. farm.Unsettled.Where(run => run.Row.Phase == RunPhase.Unknown).Select(run => run.Id)],
            (farm, id, found) =>
            {
                if (farm.Runs.TryGetValue(id, out var run) && RunRules.ExplainUnknown(run) is { } text)
                {
                    found.Add(new UnknownRun
                    {
                        Id = run.Id.ToString(),
                        Job = run.Layer.Job.Row.Name,
                        Frame = run.Layer.FrameName(run.Ordinal),
                        Host = run.Row.HostName,
                        Booked = run.Row.BookedAtMs,
                        Since = run.Row.UnknownSinceMs,
                        Text = text,
                    });
                }
            });
        return new() { Runs = { runs.OrderBy(run => run.Since).ThenBy(run => run.Id, StringComparer.Ordinal) } };
    }

    /// <inheritdoc/>
    public override Task<AcceptRunEndedResponse> AcceptRunEnded(AcceptRunEndedRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            var run = EntityId.TryParse(request.RunId, out var id) ? edit.Farm.Runs.GetValueOrDefault(id) : null;
            RunRules.AcceptEnded(edit, run ?? throw Lookup.Missing("Run", "id", request.RunId, "it may have ended meanwhile"));
            return new AcceptRunEndedResponse();
        },
        request.Username);

    /// <inheritdoc/>
    public override Task<AllowStrayKillsResponse> AllowStrayKills(AllowStrayKillsRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            RunRules.AllowStrayKills(edit);
            return new AllowStrayKillsResponse();
        },
        request.Username);

    /// <inheritdoc/>
    public override async Task<ReadFrameLogResponse> ReadFrameLog(ReadFrameLogRequest request, ServerCallContext context)
    {
        var wait = TimeSpan.FromMilliseconds(Amounts.Count(request.WaitMs, "wait_ms"));

        // Whether it runs is asked first: what a frame that has ended wrote is all there when it is read, so whoever follows it misses nothing.
        var (folder, path, isRunning, mayRun) = await access.ReadAsync(request, context, farm =>
        {
            var (layer, ordinal) = Lookup.Frame(farm, request.FrameId);
            var job = layer.Job.Row;
            return (job.LogDir, LogPaths.FrameLog(job.LogDir, job.Name, layer.FrameName(ordinal)), layer.Runs.ContainsKey(ordinal), job.State != JobState.Finished);
        });
        var part = await logs.ReadAsync(
            path, RootOf(folder), request.Offset, request.MaxBytes, isRunning || mayRun ? wait : TimeSpan.Zero, context.CancellationToken);
        return new()
        {
            Data = part.Data,
            NextOffset = part.NextOffset,
            Path = path,
            Size = part.Size,
            IsRunning = isRunning,
        };
    }

    private static string RootOf(string folder)
    {
        for (var i = 0; i < FoldersBelowRoot; i++)
        {
            folder = Path.GetDirectoryName(folder) ?? throw FarmException.Precondition($"The folder {folder} can't hold logs.");
        }

        return folder;
    }

    private static ServerState StateOf(EngineState state) => state switch
    {
        EngineState.Created or EngineState.Loading => ServerState.Loading,
        EngineState.Running => ServerState.Serving,
        EngineState.Unavailable => ServerState.StoreAway,
        EngineState.Standby => ServerState.Standby,
        EngineState.Stopping or EngineState.Stopped => ServerState.Stopping,
        _ => ServerState.Faulted,
    };
}
