using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Operations;

namespace OpenCue.Farm;

public static partial class FarmInvariants
{
    private static void CheckJob(FarmModel farm, Job job, Findings findings)
    {
        var name = job.Row.Name;
        var (use, local) = (Sum(job.Procs.Where(p => !p.Row.Local)), Sum(job.Procs.Where(p => p.Row.Local)));
        findings.Expect(
            job.Use == use && job.LocalUse == local,
            () => $"job {name} counts {job.Use} and {job.LocalUse} local, its procs reserve {use} and {local}");
        var runs = job.Layers.Sum(l => l.Runs.Count);
        findings.Expect(job.OpenRuns == runs, () => $"job {name} counts {job.OpenRuns} runs, its layers have {runs}");
        for (var i = 0; i < 8; i++)
        {
            var (state, sum) = ((FrameState)i, job.Layers.Sum(l => l.Counts[i]));
            findings.Expect(job.FrameSums[i] == sum, () => $"job {name} counts {job.FrameSums[state]} frames {state}, its layers {sum}");
        }

        findings.Expect(
            job.Row.HoldsName == (farm.Jobs.FindByName(name) == job),
            () => $"job {name} holds its name: {job.Row.HoldsName}, but is found by it otherwise");
        findings.Expect(job.Row.State != JobState.Finished || !job.Row.HoldsName, () => $"job {name} is finished and still holds its name");
        findings.Expect(
            job.Row.State != JobState.Pending || !job.Frames.Complete || job.OpenHolds > 0, () => $"job {name} is pending and has nothing left to do");
        var holds = farm.Operations.Values.Count(o => o.Row.Kind == BulkKind.Hold && o.Row.JobId == job.Id);
        findings.Expect(job.OpenHolds == holds, () => $"job {name} counts {job.OpenHolds} operations that hold frames of it again, there are {holds}");
        findings.Expect(
            job.Show.Jobs.Contains(job) && job.Group.Jobs.Contains(job) && job.Group.Id == job.Row.GroupId && job.Group.Show == job.Show,
            () => $"job {name} is not linked to its show and group");
        var resting = job.Layers.Count(l => l.Rest is not null);
        findings.Expect(job.RestingLayers == resting, () => $"job {name} counts {job.RestingLayers} layers at rest, there are {resting}");
        var parent = job.Row.PostJobOf is { } id ? farm.Jobs.Find(id) : null;
        findings.Expect(
            job.Row.State != JobState.Posted || parent is { Row.State: not JobState.Finished },
            () => $"post job {name} has not started although its parent has finished");
    }

    private static void CheckLayer(FarmModel farm, Layer layer, Findings findings)
    {
        var where = $"layer {layer.Row.Name} of job {layer.Job.Row.Name}";
        findings.Expect(layer.Job.InFarm && layer.Job.Layers.Contains(layer), () => $"{where} is not linked to its job");
        findings.Expect(
            layer.Row.FrameCount == layer.FrameCount || layer.Job.Row.State == JobState.Startup, () => $"{where} lacks frames");
        var use = Sum(layer.Job.Procs.Where(p => p.Layer == layer));
        findings.Expect(layer.Use == use, () => $"{where} counts {layer.Use}, its procs reserve {use}");
        foreach (var run in layer.Runs.Values)
        {
            findings.Expect(farm.Runs.GetValueOrDefault(run.Id) == run, () => $"run {run.Id} of {where} is not in the farm");
        }

        CheckRest(layer, where, findings);
        if (layer.HasFrames)
        {
            CheckFrames(layer, where, findings);
            CheckWaiting(layer, where, findings);
        }
    }

    /// <summary>Frames at rest are of a finished job, nothing moves in them, and they are as they were noted.</summary>
    private static void CheckRest(Layer layer, string where, Findings findings)
    {
        if (layer.Rest is not { } rest)
        {
            findings.Expect(layer.HasFrames, () => $"{where} lacks its frames, and it is not noted that they are at rest");
            return;
        }

        findings.Expect(rest.Layer == layer && rest.Id == layer.Id, () => $"{where} has the rest of another layer");
        findings.Expect(
            layer.Job.Row.State == JobState.Finished && layer.Runs.Count == 0, () => $"the frames of {where} are at rest, and its job is not finished");
        findings.Expect(
            !layer.Job.WaitsOn.Any(d => d.Row.Active && (d.ErLayer ?? layer) == layer), () => $"the frames of {where} are at rest, and a depend holds some");
        findings.Expect(
            rest.Row.Equals(FramesAtRestRow.Of(layer)),
            () => $"the frames of {where} are at rest and not as noted: {rest.Row}, counted {FramesAtRestRow.Of(layer)}");
    }

    private static void CheckFrames(Layer layer, string where, Findings findings)
    {
        var depends = CountDepends(layer);
        FrameCounts counts = default;
        for (var i = 0; i < layer.FrameCount; i++)
        {
            ref readonly var frame = ref layer.Frames[i];
            counts[frame.State]++;
            var held = frame.DependCount > 0 && !frame.Has(FrameFlags.DependsIgnored);
            var right = frame.State switch
            {
                FrameState.Waiting => !held,
                FrameState.Depend => held,
                FrameState.Setup => false,
                FrameState.Running => layer.Runs.ContainsKey(i),
                _ => true,
            };
            var active = depends?[i] ?? 0;
            if (!right || frame.DependCount != active)
            {
                var (ordinal, state, count) = (i, frame.State, frame.DependCount);
                var run = layer.Runs.ContainsKey(ordinal) ? "a run" : "no run";
                findings.Expect(
                    right, () => $"frame {ordinal} of {where} is {state} with {count} depends and {run}");
                findings.Expect(
                    count == active,
                    () => $"frame {layer.FrameName(ordinal)} of job {layer.Job.Row.Name} counts {count} depends, {active} hold it");
            }
        }

        for (var i = 0; i < 8; i++)
        {
            var (state, counted) = ((FrameState)i, counts[i]);
            findings.Expect(layer.Counts[i] == counted, () => $"{where} counts {layer.Counts[state]} frames {state}, there are {counted}");
        }
    }

    /// <summary>The waiting frames are those that are WAITING, in dispatch order.</summary>
    private static void CheckWaiting(Layer layer, string where, Findings findings)
    {
        var (found, last, inOrder) = (0, int.MinValue, true);
        foreach (var i in layer.Waiting.Look())
        {
            found++;
            inOrder &= layer.Frames[i].State == FrameState.Waiting && (layer.Frames[i].DispatchOrder >= last || !layer.Waiting.IsSorted);
            last = layer.Frames[i].DispatchOrder;
        }

        findings.Expect(
            inOrder && found == layer.Counts[FrameState.Waiting] && found == layer.Waiting.Count,
            () => $"{where} lists {found} waiting frames ({layer.Waiting.Count} by its own count){(inOrder ? "" : " out of order")}");
    }

    private static void CheckDepend(Depend depend, Findings findings)
    {
        var linked = depend.ErJob.WaitsOn.Contains(depend) && depend.OnJob.WaitedFor.Contains(depend)
            && depend.ErJob.InFarm && depend.OnJob.InFarm
            && (depend.OnLayer, depend.Row.OnFrame) switch
            {
                (null, _) => depend.OnJob.WaitedForAsWhole.Contains(depend),
                ({ } layer, { } frame) => layer.WaitedForFrame(frame).Contains(depend),
                ({ } layer, _) => layer.WaitedFor.Contains(depend),
            };
        findings.Expect(linked, () => $"depend {depend.Id} is not linked to both its ends");
        var open = depend.HasEdges ? AddOpenEdges(depend, null) : 0;
        findings.Expect(depend.OpenEdges == open, () => $"depend {depend.Id} counts {depend.OpenEdges} open edges, there are {open}");
        findings.Expect(!depend.HasEdges || !depend.Row.Active || open > 0, () => $"depend {depend.Id} is active and has no open edge");
    }

    /// <summary>Counts for each frame anew how many active depends hold it; null if none holds any.</summary>
    private static int[]? CountDepends(Layer layer)
    {
        int[]? counts = null;
        foreach (var depend in layer.Job.WaitsOn)
        {
            if (!depend.Row.Active || (depend.ErLayer is not null && depend.ErLayer != layer))
            {
                continue;
            }

            counts ??= new int[layer.FrameCount];
            if (depend.HasEdges)
            {
                AddOpenEdges(depend, counts);
            }
            else if (depend.Row.ErFrame is { } frame)
            {
                counts[frame]++;
            }
            else
            {
                for (var i = 0; i < counts.Length; i++)
                {
                    counts[i]++;
                }
            }
        }

        return counts;
    }

    /// <summary>Adds each open edge to the count of the frame that waits; returns how many there are.</summary>
    private static int AddOpenEdges(Depend depend, int[]? counts)
    {
        var open = 0;
        var on = new List<int>();
        for (var er = 0; er < depend.ErLayer!.FrameCount; er++)
        {
            DependEdges.OnFrames(depend, er, on);
            for (var place = 0; place < on.Count; place++)
            {
                if (DependEdges.IsOpen(depend, er, on[place], DependEdges.Number(depend, er, place)))
                {
                    open++;
                    if (counts is not null)
                    {
                        counts[er]++;
                    }
                }
            }
        }

        return open;
    }
}
