using OpenCue.Farm.Changes;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Runs;

namespace OpenCue.Farm.Hosts;

/// <summary>
/// What runs use against what they reserve: layers learn what their frames need, reservations grow with use, and frames are killed before a host
/// falls over.
/// </summary>
internal static class MemoryPolicy
{
    /// <summary>A layer learns in steps of this size, so that a frame that grows does not change its layer with each report.</summary>
    private const long LearnStepKib = 65536;

    private const int MostKillsAtOnce = 5;

    private const string KilledForSwap = "Frame killed by host under OOM pressure";
    private const string KilledForOverboard = "This frame is using more memory than it had reserved.";

    /// <summary>Applies the rules to the runs that the report just applied has.</summary>
    public static void Apply(FarmEdit edit, Host host, HostReport report)
    {
        var runs = new List<Run>(host.Procs.Count);
        foreach (var proc in host.Procs)
        {
            if (proc.Run is { } run && run.Usage.SeenInReport == edit.Farm.ReportsApplied)
            {
                runs.Add(run);
            }
        }

        if (runs.Count == 0)
        {
            return;
        }

        foreach (var run in runs)
        {
            Learn(edit, run);
        }

        // A desktop's user decides what happens on it.
        if (host.Row.NimbyEnabled || report.TotalMemory <= 0)
        {
            return;
        }

        if (IsShort(report, edit.Farm.Settings))
        {
            KillForSwap(edit, runs, report);
            return;
        }

        foreach (var run in runs)
        {
            if (IsOverboard(run, edit.Farm.Settings))
            {
                Kill(edit, run, KilledForOverboard);
            }
            else
            {
                Grow(edit, host, run, runs);
            }
        }
    }

    /// <summary>
    /// A layer needs what its frames were seen to use. OpenCue raises it without bound and even where the optimizer is off; here the optimizer's switch
    /// holds, and the site's maximum bounds it, and what the host that it ran on can give: above that it might fit nowhere, and a host may lie.
    /// </summary>
    private static void Learn(FarmEdit edit, Run run)
    {
        var layer = run.Layer;
        var used = run.Usage.MaxRssKib;
        if (!layer.Row.OptimizeMemory || used <= layer.Row.MinMemoryKib)
        {
            return;
        }

        var most = Math.Min(edit.Farm.Settings.MemoryReservedMaxKib, run.Host.Row.Total.MemoryKib);
        var need = Math.Min((used + LearnStepKib - 1) / LearnStepKib * LearnStepKib, most);
        if (need > layer.Row.MinMemoryKib)
        {
            edit.Set(layer, layer.Row with { MinMemoryKib = need });
        }
    }

    private static bool IsShort(HostReport report, FarmSettings settings)
    {
        if (settings.OomMaxSafeUsedPhysicalMemory <= 0)
        {
            return false;
        }

        var memory = (double)(report.TotalMemory - report.FreeMemory) / report.TotalMemory;
        if (memory <= settings.OomMaxSafeUsedPhysicalMemory)
        {
            return false;
        }

        return settings.OomMaxSafeUsedSwapMemory <= 0
            || (report.TotalSwap > 0 && (double)(report.TotalSwap - report.FreeSwap) / report.TotalSwap > settings.OomMaxSafeUsedSwapMemory);
    }

    /// <summary>Frames that use most swap go first, until the rest would be bearable.</summary>
    private static void KillForSwap(FarmEdit edit, List<Run> runs, HostReport report)
    {
        var swapLeft = report.TotalSwap - report.FreeSwap;
        var bearable = (long)(report.TotalSwap * Math.Max(edit.Farm.Settings.OomMaxSafeUsedSwapMemory, 0));
        foreach (var run in runs.Where(r => r.Row.Kill is not null))
        {
            // It dies already, and takes its swap with it.
            swapLeft -= run.Usage.SwapKib;
        }

        var kills = 0;
        foreach (var run in runs.Where(r => r.Row.Kill is null && r.Usage.SwapKib > 0).OrderByDescending(r => r.Usage.SwapKib).ThenBy(r => r.Id))
        {
            if (swapLeft <= bearable || kills == MostKillsAtOnce)
            {
                break;
            }

            Kill(edit, run, KilledForSwap);
            swapLeft -= run.Usage.SwapKib;
            kills++;
        }
    }

    private static bool IsOverboard(Run run, FarmSettings settings)
    {
        var allowed = settings.OomFrameOverboardAllowed;
        if (allowed <= 0 || run.Proc.Row.Local || run.Row.Kill is not null)
        {
            return false;
        }

        var reserved = Math.Max(run.Proc.Row.Reserved.MemoryKib, 1);
        var now = (double)run.Usage.RssKib / reserved;
        var high = (double)run.Usage.MaxRssKib / reserved;
        return now >= 1 + allowed || (high >= 1 + (2 * allowed) && now >= 0.9);
    }

    /// <summary>
    /// A run that uses more than it reserves gets its reservation raised: from what the host has idle, and else, all or nothing, from other runs there
    /// that reserve more than their layer's frames were ever seen to use.
    /// </summary>
    private static void Grow(FarmEdit edit, Host host, Run run, List<Run> others)
    {
        var proc = run.Proc;
        var missing = run.Usage.RssKib - proc.Row.Reserved.MemoryKib;
        if (missing <= 0 || proc.Row.Local || run.Row.Kill is not null)
        {
            return;
        }

        var toBorrow = missing - Math.Max(host.Idle.MemoryKib, 0);
        if (toBorrow > 0 && !Borrow(edit, run, others, toBorrow))
        {
            return;
        }

        edit.Set(proc, proc.Row with { Reserved = proc.Row.Reserved with { MemoryKib = run.Usage.RssKib } });
    }

    private static bool Borrow(FarmEdit edit, Run borrower, List<Run> others, long amount)
    {
        var lenders = new List<(Proc Proc, long Spare)>();
        var spare = 0L;
        foreach (var other in others)
        {
            var lends = other == borrower || other.Proc.Row.Local ? 0 : Spare(edit, other);
            if (lends > 0)
            {
                lenders.Add((other.Proc, lends));
                spare += lends;
            }
        }

        if (spare < amount)
        {
            return false;
        }

        // Each lends in proportion to what it can spare; the last one makes up for rounding.
        var left = amount;
        for (var i = 0; i < lenders.Count; i++)
        {
            var (proc, lends) = lenders[i];
            var share = i == lenders.Count - 1 ? left : Math.Min(left, (long)Math.Ceiling((double)amount * lends / spare));
            share = Math.Min(share, lends);
            left -= share;
            edit.Set(proc, proc.Row with { Reserved = proc.Row.Reserved with { MemoryKib = proc.Row.Reserved.MemoryKib - share } });
        }

        return left <= 0;
    }

    /// <summary>What a run can lend: all above the most its layer ever used, and above what it uses itself, with the least reservation left over.</summary>
    private static long Spare(FarmEdit edit, Run run)
    {
        var most = Math.Max(run.Layer.Usage.Row.MaxRssKib, run.Usage.MaxRssKib);
        return most > 0 ? run.Proc.Row.Reserved.MemoryKib - most - edit.Farm.Settings.MemoryReservedMinKib : 0;
    }

    private static void Kill(FarmEdit edit, Run run, string reason)
    {
        run.Usage.KillAttempts++;
        RunKills.Order(edit, run, new KillOrder(KillOutcome.Memory, reason, "cuebot", edit.Now.WallMs));
    }
}
