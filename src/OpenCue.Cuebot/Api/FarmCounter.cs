using Google.Protobuf;
using Grpc.Core;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Protocol.V1;
using LockState = OpenCue.Farm.Hosts.LockState;

namespace OpenCue.Cuebot.Api;

/// <summary>Counts what there is on the farm, a few hundred jobs or hosts at a time.</summary>
internal static class FarmCounter
{
    private const int AtOnce = 500;

    /// <summary>Counts.</summary>
    public static async Task<FarmCounts> CountAsync(FarmAccess access, IMessage request, ServerCallContext context)
    {
        var counts = await access.ReadAsync(request, context, farm => new FarmCounts
        {
            Shows = farm.Shows.Count,
            Runs = farm.Runs.Count,
            RunsUnknown = farm.Unsettled.Count(run => run.Row.Phase == RunPhase.Unknown),
            Operations = farm.Operations.Count,
        });
        var parts = await access.ReadListAsync<(EntityId[] Hosts, EntityId[] Jobs), FarmCounts>(
            request,
            context,
            farm =>
            [
                .. farm.Hosts.All.Select(host => host.Id).Chunk(AtOnce).Select(hosts => (hosts, Array.Empty<EntityId>())),
                .. farm.Jobs.All.Select(job => job.Id).Chunk(AtOnce).Select(jobs => (Array.Empty<EntityId>(), jobs)),
            ],
            (farm, slice, found) => found.Add(Count(farm, slice.Hosts, slice.Jobs)));
        foreach (var part in parts)
        {
            counts.Hosts += part.Hosts;
            counts.HostsUp += part.HostsUp;
            counts.HostsLocked += part.HostsLocked;
            counts.Cores += part.Cores;
            counts.CoresIdle += part.CoresIdle;
            counts.Jobs += part.Jobs;
            counts.JobsPending += part.JobsPending;
            counts.Frames += part.Frames;
            counts.FramesWaiting += part.FramesWaiting;
            counts.FramesRunning += part.FramesRunning;
            counts.FramesDepend += part.FramesDepend;
            counts.FramesDead += part.FramesDead;
        }

        return counts;
    }

    private static FarmCounts Count(FarmModel farm, EntityId[] hosts, EntityId[] jobs)
    {
        var counts = new FarmCounts();
        foreach (var id in hosts)
        {
            if (farm.Hosts.TryGet(id, out var host))
            {
                Add(counts, host);
            }
        }

        foreach (var id in jobs)
        {
            if (farm.Jobs.TryGet(id, out var job) && job.IsVisible)
            {
                Add(counts, job);
            }
        }

        return counts;
    }

    private static void Add(FarmCounts counts, Host host)
    {
        counts.Hosts++;
        counts.HostsUp += host.Row.State == HardwareState.Up ? 1 : 0;
        counts.HostsLocked += host.LockState == LockState.Open ? 0 : 1;
        counts.Cores += host.Row.Total.CorePoints / 100f;
        counts.CoresIdle += host.Idle.CorePoints / 100f;
    }

    private static void Add(FarmCounts counts, Job job)
    {
        var frames = job.Frames;
        counts.Jobs++;
        counts.JobsPending += job.Row.State == JobState.Pending ? 1 : 0;
        counts.Frames += frames.Total;
        counts.FramesWaiting += frames[FrameState.Waiting];
        counts.FramesRunning += frames[FrameState.Running];
        counts.FramesDepend += frames[FrameState.Depend];
        counts.FramesDead += frames[FrameState.Dead];
    }
}
