using OpenCue.Farm.Scheduling.Explaining;
using OpenCue.Protocol.V1;
using HostLack = OpenCue.Farm.Scheduling.Explaining.HostLack;

namespace OpenCue.Cuebot.Api.Explaining;

/// <summary>Explanations as messages. Codes have the same numbers on both sides.</summary>
internal static class ExplainMessages
{
    /// <summary>A frame.</summary>
    public static ExplainFrameResponse Of(FrameAnswer answer) => new()
    {
        Frame = answer.Frame,
        Layer = answer.Layer,
        Job = answer.Job,
        Reasons = { answer.Reasons.Select(Of) },
        Hosts = Of(answer.Hosts),
        Place = Of(answer.Place),
    };

    /// <summary>A layer.</summary>
    public static ExplainLayerResponse Of(LayerAnswer answer) => new()
    {
        Layer = answer.Layer,
        Job = answer.Job,
        Groups =
        {
            answer.Groups.Select(group => new Protocol.V1.FrameGroup
            {
                Reason = Of(group.Reason), Frames = group.Frames, Examples = { group.Examples },
            }),
        },
        Reasons = { answer.Reasons.Select(Of) },
        Hosts = Of(answer.Hosts),
        Place = Of(answer.Place),
    };

    /// <summary>A job.</summary>
    public static ExplainJobResponse Of(JobAnswer answer) =>
        new() { Job = answer.Job, Groups = { answer.Groups.Select(Of) }, Layers = { answer.Layers.Select(Of) } };

    /// <summary>A show.</summary>
    public static ExplainShowResponse Of(ShowAnswer answer) => new()
    {
        Show = answer.Show,
        Reasons = { answer.Reasons.Select(Of) },
        Shares =
        {
            answer.Shares.Select(share => new Protocol.V1.Share
            {
                Allocation = share.Allocation, Cores = Cores(share.Use), Size = Cores(share.Size), Burst = Cores(share.Burst), Hosts = share.Hosts,
            }),
        },
        Groups = { answer.Groups.Select(Of) },
        LayersLeftOut = answer.LayersLeftOut,
    };

    /// <summary>A host.</summary>
    public static ExplainHostResponse Of(HostAnswer answer) => new()
    {
        Host = answer.Host,
        Reasons = { answer.Reasons.Select(Of) },
        IdleCores = Cores(answer.Idle.CorePoints),
        IdleMemory = answer.Idle.MemoryKib,
        IdleGpus = answer.Idle.Gpus,
        IdleGpuMemory = answer.Idle.GpuMemoryKib,
        Work =
        {
            answer.Work.Select(work => new Protocol.V1.HostWork
            {
                Lack = (Protocol.V1.HostLack)work.Lack,
                Layers = work.Layers,
                Frames = work.Frames,
                Least = Amount(work.Lack, work.Least),
                Examples = { work.Examples },
                Text = work.Text,
            }),
        },
        Runs =
        {
            answer.Runs.Select(run => new Protocol.V1.HostRun
            {
                Job = run.Job, Frame = run.Frame, Cores = Cores(run.Reserved.CorePoints), Memory = run.Reserved.MemoryKib, Since = run.SinceMs,
            }),
        },
    };

    private static Protocol.V1.Reason Of(Farm.Scheduling.Explaining.Reason reason) => new()
    {
        Code = (Protocol.V1.ReasonCode)reason.Code,
        Text = reason.Text,
        WayOut = reason.WayOut,
        Subject = reason.Subject,
        Use = reason.Use,
        Need = reason.Need,
        Maximum = reason.Maximum,
        At = reason.AtMs,
        Never = reason.Never,
        Names = { reason.Names },
    };

    private static Protocol.V1.LayerGroup Of(Farm.Scheduling.Explaining.LayerGroup group) =>
        new() { Reason = Of(group.Reason), Layers = group.Layers, Frames = group.Frames, Examples = { group.Examples } };

    private static Protocol.V1.HostCount? Of(Farm.Scheduling.Explaining.HostCount? count) => count is null ? null : new()
    {
        Hosts = count.Hosts,
        Able = count.Able,
        Ready = count.Ready,
        Removed =
        {
            count.Removed.Select(removal => new Protocol.V1.HostRemoval
            {
                Lack = (Protocol.V1.HostLack)removal.Lack,
                Hosts = removal.Hosts,
                All = removal.All,
                Only = removal.Only,
                Least = Amount(removal.Lack, removal.Least),
                Host = removal.Host,
                Text = removal.Text,
            }),
        },
        Nearest = count.Nearest is { } miss
            ? new Protocol.V1.NearestMiss
            {
                Host = miss.Host, Lacks = { miss.Lacks.Select(lack => (Protocol.V1.HostLack)lack) }, Alike = miss.Alike, Text = miss.Text,
            }
            : null,
    };

    private static Protocol.V1.Place? Of(Farm.Scheduling.Explaining.Place? place) => place is null ? null : new()
    {
        Before = place.Before,
        BeforeInLayer = place.InLayer,
        BeforeInJob = place.InJob,
        BeforeInShow = place.InShow,
        BeforeInShows = place.InShows,
        Policy = place.Policy,
    };

    private static double Amount(HostLack lack, long amount) => lack is HostLack.Cores or HostLack.TotalCores ? Cores(amount) : amount;

    private static double Cores(long points) => points / 100.0;
}
