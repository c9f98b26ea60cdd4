using System.Globalization;
using System.Text;
using OpenCue.Farm;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;

namespace OpenCue.TestKit;

/// <summary>
/// A farm as text, in an order that depends on nothing but its content: two farms are the same if their texts are. Left out are the times
/// and batch numbers that only tell clients what to ask for again; an undo need not put those back, and a load does not know them.
/// </summary>
public static class FarmDump
{
    /// <summary>The whole farm.</summary>
    public static string Of(FarmModel farm)
    {
        var text = new StringBuilder();
        Add(text, farm.Facilities.All);
        Add(text, farm.Allocations.All);
        Add(text, farm.Shows.All);
        Add(text, farm.Groups.Values);
        Add(text, farm.Subscriptions.Values);
        Add(text, farm.ShareUses.Values);
        Add(text, farm.Services.All);
        Add(text, farm.Limits.All);
        Add(text, farm.Hosts.All);
        Add(text, farm.Hosts.All.Select(h => h.Stat));
        Add(text, farm.Jobs.All);
        Add(text, farm.Layers.Values);
        Add(text, farm.Layers.Values.Select(l => l.Usage));
        Add(text, farm.Depends.Values);
        Add(text, farm.Depends.Values.SelectMany(d => d.Marks.Values));
        Add(text, farm.Procs.Values);
        AddRuns(text, farm);
        Add(text, farm.OldRuns.All);
        Add(text, farm.Operations.Values);
        AddSums(text, farm);
        foreach (var layer in farm.Layers.Values.OrderBy(l => l.Id))
        {
            AddFrames(text, layer);
        }

        return text.ToString();
    }

    private static void Add<TRow>(StringBuilder text, IEnumerable<Entity<TRow>> entities)
        where TRow : class, IRow
    {
        foreach (var entity in entities.OrderBy(e => e.Id))
        {
            text.Append(entity.Row).Append('\n');
        }
    }

    /// <summary>That a run has started may be stored later: both phases read the same.</summary>
    private static void AddRuns(StringBuilder text, FarmModel farm)
    {
        foreach (var run in farm.Runs.Values.OrderBy(r => r.Id))
        {
            text.Append(run.Row with { Phase = run.Row.Phase == RunPhase.Started ? RunPhase.Launching : run.Row.Phase }).Append('\n');
        }
    }

    private static void AddSums(StringBuilder text, FarmModel farm)
    {
        foreach (var host in farm.Hosts.All.OrderBy(h => h.Id))
        {
            text.Append(CultureInfo.InvariantCulture, $"host {host.Row.Name} {host.Reserved} {string.Join(',', host.Tags)}\n");
        }

        foreach (var job in farm.Jobs.All.OrderBy(j => j.Id))
        {
            var layers = string.Join(',', job.Layers.Select(l => l.Row.Name));
            text.Append(
                CultureInfo.InvariantCulture,
                $"job {job.Row.Name} {job.Use} {job.LocalUse} {job.OpenRuns} {layers} found {farm.Jobs.FindByName(job.Row.Name)?.Id}\n");
        }

        foreach (var group in farm.Groups.Values.OrderBy(g => g.Id))
        {
            text.Append(CultureInfo.InvariantCulture, $"group {group.Row.Name} {group.Use}\n");
        }

        foreach (var subscription in farm.Subscriptions.Values.OrderBy(s => s.Id))
        {
            text.Append(CultureInfo.InvariantCulture, $"subscription {subscription.Id} {subscription.Use}\n");
        }

        foreach (var limit in farm.Limits.All.OrderBy(l => l.Id))
        {
            var hosts = string.Join(' ', limit.HoldersByHost.OrderBy(h => h.Key).Select(h => $"{h.Key}:{h.Value}"));
            var users = string.Join(' ', limit.HoldersByUser.OrderBy(u => u.Key, StringComparer.Ordinal).Select(u => $"{u.Key}:{u.Value}"));
            text.Append(CultureInfo.InvariantCulture, $"limit {limit.Row.Name} {limit.Running} {hosts} {users}\n");
        }

        foreach (var depend in farm.Depends.Values.OrderBy(d => d.Id))
        {
            text.Append(CultureInfo.InvariantCulture, $"depend {depend.Id} {depend.OpenEdges}\n");
        }
    }

    private static void AddFrames(StringBuilder text, Layer layer)
    {
        text.Append(CultureInfo.InvariantCulture, $"frames of {layer.Id} {layer.Use} waiting");
        for (var i = layer.Waiting.First(); i >= 0; i = layer.Waiting.After(i))
        {
            text.Append(' ').Append(i);
        }

        text.Append('\n');
        for (var i = 0; i < layer.Frames.Length; i++)
        {
            var f = layer.Frames[i];
            text.Append(
                CultureInfo.InvariantCulture,
                $"{i} {f.State} {f.Checkpoint} {f.Flags & ~FrameFlags.Dirty} depends {f.DependCount} exit {f.ExitStatus} ");
            text.Append(
                CultureInfo.InvariantCulture,
                $"retries {f.Retries} version {f.Version} ");
            text.Append(
                CultureInfo.InvariantCulture,
                $"order {f.DispatchOrder} on {f.HostNumber} {f.CorePoints} {f.Gpus} {f.ReservedMemoryKib} {f.ReservedGpuMemoryKib} ");
            text.Append(
                CultureInfo.InvariantCulture,
                $"from {f.StartedAtMs} to {f.StoppedAtMs} log {f.LogUpdatedAtMs} rss {f.RssKib} {f.MaxRssKib} {f.PssKib} {f.MaxPssKib} ");
            text.Append(CultureInfo.InvariantCulture, $"used {f.CoreSeconds} {f.GpuSeconds} checkpoints {f.Checkpoints}\n");
        }
    }
}
