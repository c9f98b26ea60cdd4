namespace OpenCue.Simulator.Farms;

/// <summary>Finds mistakes in a farm that the file's syntax does not show.</summary>
internal static class FarmPlanCheck
{
    private const int MostHosts = 1_000_000;

    /// <summary>All mistakes, with where they are.</summary>
    public static IEnumerable<string> Problems(FarmPlan farm, string where)
    {
        if (farm.Hosts.Count == 0 || farm.Shows.Count == 0)
        {
            yield return $"{where} needs hosts and shows";
        }

        foreach (var twice in Twice(farm.Hosts.SelectMany(h => h.Count is > 0 and <= MostHosts ? h.Names() : [])))
        {
            yield return $"{where}.hosts: two hosts are named {twice}";
        }

        foreach (var host in farm.Hosts)
        {
            if (host.Count is <= 0 or > MostHosts || host.Cores <= 0 || host.MemoryGib < 1 || host.Gpus < 0 || host.GpuMemoryGib < 0)
            {
                yield return $"{where}.hosts: class {host.Name}: count (at most {MostHosts}) and cores must be above 0, memoryGib 1 or more, gpus not below 0";
            }

            if (host.ThreadMode is not ("auto" or "all" or "variable"))
            {
                yield return $"{where}.hosts: class {host.Name}: threadMode is {host.ThreadMode}; it must be auto, all or variable";
            }
        }

        foreach (var twice in Twice(farm.Shows.Select(s => s.Name)).Concat(Twice(farm.Limits.Select(l => l.Name))))
        {
            yield return $"{where}: two shows or two limits are named {twice}";
        }

        var allocations = farm.Hosts.Select(h => FarmPlan.FullName(h.Allocation)).ToHashSet(StringComparer.Ordinal);
        foreach (var show in farm.Shows)
        {
            if (show.Weight < 0)
            {
                yield return $"{where}.shows: show {show.Name}: weight must not be below 0";
            }

            foreach (var subscription in show.Subscriptions)
            {
                if (!allocations.Contains(FarmPlan.FullName(subscription.Allocation)))
                {
                    yield return $"{where}.shows: show {show.Name} subscribes to {subscription.Allocation}, which no host is in; there are {string.Join(", ", allocations)}";
                }

                if (subscription.Size < 0 || subscription.Burst < 0)
                {
                    yield return $"{where}.shows: show {show.Name}: size and burst must not be below 0";
                }
            }
        }

        foreach (var limit in farm.Limits)
        {
            if (limit.Max < 0 || limit.Headroom < 0 || limit.Kind is not ("frame" or "host" or "user"))
            {
                yield return $"{where}.limits: limit {limit.Name}: max and headroom must not be below 0, kind must be frame, host or user";
            }
        }
    }

    private static IEnumerable<string> Twice(IEnumerable<string> names) =>
        names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => group.Key);
}
