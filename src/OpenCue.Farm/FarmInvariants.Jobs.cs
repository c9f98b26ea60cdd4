using OpenCue.Farm.Depends;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm;

public static partial class FarmInvariants
{
    private static void CheckJobs(FarmModel farm, Findings findings)
    {
        foreach (var job in farm.Jobs.All)
        {
            CheckJob(farm, job, findings);
        }

        foreach (var layer in farm.Layers.Values)
        {
            CheckFrames(layer, findings);
        }

        var layers = farm.Jobs.All.Sum(j => j.Layers.Count);
        findings.Expect(layers == farm.Layers.Count, () => $"{farm.Layers.Count} layers in the farm, {layers} in its jobs");
        foreach (var operation in farm.Operations.Values)
        {
            findings.Expect(farm.Jobs.Find(operation.Row.JobId) is not null, () => $"operation {operation.Id} is about a job that is gone");
        }
    }

    private static void CheckJob(FarmModel farm, Job job, Findings findings)
    {
        var name = job.Row.Name;
        var (use, local) = (Sum(job.Procs.Where(p => !p.Row.Local)), Sum(job.Procs.Where(p => p.Row.Local)));
        findings.Expect(job.Use == use && job.LocalUse == local, () => $"job {name} counts {job.Use} and {job.LocalUse} local, its procs reserve {use} and {local}");
        var runs = job.Layers.Sum(l => l.Runs.Count);
        findings.Expect(job.OpenRuns == runs, () => $"job {name} counts {job.OpenRuns} runs, its layers have {runs}");
        for (var i = 0; i < 8; i++)
        {
            var (state, sum) = ((FrameState)i, job.Layers.Sum(l => l.Counts[i]));
            findings.Expect(job.FrameSums[i] == sum, () => $"job {name} counts {job.FrameSums[state]} frames {state}, its layers {sum}");
        }

        findings.Expect(job.Row.HoldsName == (farm.Jobs.FindByName(name) == job), () => $"job {name} holds its name: {job.Row.HoldsName}, but is found by it otherwise");
        findings.Expect(job.Row.State != JobState.Finished || !job.Row.HoldsName, () => $"job {name} is finished and still holds its name");
        findings.Expect(job.Row.State != JobState.Pending || !job.Frames.Complete, () => $"job {name} is pending and has nothing left to do");
        findings.Expect(
            job.Show.Jobs.Contains(job) && job.Group.Jobs.Contains(job) && job.Group.Id == job.Row.GroupId && job.Group.Show == job.Show,
            () => $"job {name} is not linked to its show and group");
        var parent = job.Row.PostJobOf is { } id ? farm.Jobs.Find(id) : null;
        findings.Expect(
            job.Row.State != JobState.Posted || parent is { Row.State: not JobState.Finished },
            () => $"post job {name} has not started although its parent has finished");
    }

    private static void CheckFrames(Layer layer, Findings findings)
    {
        var where = $"layer {layer.Row.Name} of job {layer.Job.Row.Name}";
        FrameCounts counts = default;
        for (var i = 0; i < layer.Frames.Length; i++)
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
            if (!right)
            {
                var (ordinal, state, count) = (i, frame.State, frame.DependCount);
                findings.Expect(false, () => $"frame {ordinal} of {where} is {state} with {count} depends and {(layer.Runs.ContainsKey(ordinal) ? "a" : "no")} run");
            }
        }

        for (var i = 0; i < 8; i++)
        {
            var (state, counted) = ((FrameState)i, counts[i]);
            findings.Expect(layer.Counts[i] == counted, () => $"{where} counts {layer.Counts[state]} frames {state}, there are {counted}");
        }

        var use = Sum(layer.Job.Procs.Where(p => p.Layer == layer));
        findings.Expect(layer.Use == use, () => $"{where} counts {layer.Use}, its procs reserve {use}");
        findings.Expect(layer.Row.FrameCount == layer.Frames.Length || layer.Job.Row.State == JobState.Startup, () => $"{where} lacks frames");
        CheckWaiting(layer, where, findings);
    }

    /// <summary>The waiting frames are those that are WAITING, in dispatch order.</summary>
    private static void CheckWaiting(Layer layer, string where, Findings findings)
    {
        var (found, last, inOrder) = (0, int.MinValue, true);
        for (var i = layer.Waiting.First(); i >= 0; i = layer.Waiting.After(i))
        {
            found++;
            inOrder &= layer.Frames[i].State == FrameState.Waiting && layer.Frames[i].DispatchOrder >= last;
            last = layer.Frames[i].DispatchOrder;
        }

        findings.Expect(
            inOrder && found == layer.Counts[FrameState.Waiting] && found == layer.Waiting.Count,
            () => $"{where} lists {found} waiting frames ({layer.Waiting.Count} by its own count){(inOrder ? "" : " out of order")}");
    }

    /// <summary>Counts for each frame anew how many active depends hold it.</summary>
    private static void CheckDepends(FarmModel farm, Findings findings)
    {
        var counts = new Dictionary<Layer, int[]>();
        foreach (var depend in farm.Depends.Values)
        {
            var linked = depend.ErJob.WaitsOn.Contains(depend) && depend.OnJob.WaitedFor.Contains(depend) && depend.ErJob.InFarm && depend.OnJob.InFarm
                && (depend.OnLayer, depend.Row.OnFrame) switch
                {
                    (null, _) => depend.OnJob.WaitedForAsWhole.Contains(depend),
                    ({ } layer, { } frame) => layer.WaitedForFrame(frame).Contains(depend),
                    ({ } layer, _) => layer.WaitedFor.Contains(depend),
                };
            findings.Expect(linked, () => $"depend {depend.Id} is not linked to both its ends");
            var open = depend.HasEdges ? CountEdges(depend, counts) : 0;
            findings.Expect(depend.OpenEdges == open, () => $"depend {depend.Id} counts {depend.OpenEdges} open edges, there are {open}");
            findings.Expect(!depend.HasEdges || !depend.Row.Active || open > 0, () => $"depend {depend.Id} is active and has no open edge");
            if (depend.Row.Active && !depend.HasEdges)
            {
                CountWhole(depend, counts);
            }
        }

        foreach (var layer in farm.Layers.Values)
        {
            var expected = counts.GetValueOrDefault(layer);
            for (var i = 0; i < layer.Frames.Length; i++)
            {
                var (ordinal, active) = (i, expected?[i] ?? 0);
                if (layer.Frames[i].DependCount != active)
                {
                    findings.Expect(
                        false, () => $"frame {layer.FrameName(ordinal)} of job {layer.Job.Row.Name} counts {layer.Frames[ordinal].DependCount} depends, {active} hold it");
                }
            }
        }
    }

    private static void CountWhole(Depend depend, Dictionary<Layer, int[]> counts)
    {
        IEnumerable<Layer> layers = depend.ErLayer is { } single ? [single] : depend.ErJob.Layers;
        foreach (var layer in layers)
        {
            var of = CountsOf(layer, counts);
            for (var i = 0; i < of.Length; i++)
            {
                of[i] += (depend.Row.ErFrame ?? i) == i ? 1 : 0;
            }
        }
    }

    private static int CountEdges(Depend depend, Dictionary<Layer, int[]> counts)
    {
        var open = 0;
        var of = CountsOf(depend.ErLayer!, counts);
        var on = new List<int>();
        for (var er = 0; er < of.Length; er++)
        {
            DependEdges.OnFrames(depend, er, on);
            for (var place = 0; place < on.Count; place++)
            {
                if (DependEdges.IsOpen(depend, er, on[place], DependEdges.Number(depend, er, place)))
                {
                    open++;
                    of[er] += depend.Row.Active ? 1 : 0;
                }
            }
        }

        return open;
    }

    private static int[] CountsOf(Layer layer, Dictionary<Layer, int[]> counts)
    {
        if (!counts.TryGetValue(layer, out var of))
        {
            counts.Add(layer, of = new int[layer.Frames.Length]);
        }

        return of;
    }
}
