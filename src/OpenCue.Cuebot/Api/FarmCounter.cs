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
        var hosts = await access.ReadListAsync<EntitySlice<Host>, FarmCounts>(
            request, context, farm => EntitySlice<Host>.Of(farm, farm.Hosts.All), (farm, slice, found) => found.Add(Count(slice.In(farm))));
        var jobs = await access.ReadListAsync<EntitySlice<Job>, FarmCounts>(
            request, context, farm => EntitySlice<Job>.Of(farm, farm.Jobs.All), (farm, slice, found) => found.Add(Count(slice.In(farm))));
        foreach (var part in hosts.Concat(jobs))
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

    private static FarmCounts Count(IEnumerable<Host> hosts)
    {
        var counts = new FarmCounts();
        foreach (var host in hosts)
        {
            Add(counts, host);
        }

        return counts;
    }

    private static FarmCounts Count(IEnumerable<Job> jobs)
    {
        var counts = new FarmCounts();
        foreach (var job in jobs.Where(job => job.IsVisible))
        {
            Add(counts, job);
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
