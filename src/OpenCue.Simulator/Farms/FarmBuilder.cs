using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Shows;

namespace OpenCue.Simulator.Farms;

/// <summary>Puts a planned farm, but for its hosts' reports, into a new farm with the initial data.</summary>
internal static class FarmBuilder
{
    /// <summary>Adds facilities, allocations, shows, groups and limits, and sets the policy of all facilities.</summary>
    public static void Build(FarmEdit edit, FarmPlan plan, string policy)
    {
        foreach (var name in plan.Hosts.Select(h => FarmPlan.FullName(h.Allocation)).Distinct(StringComparer.Ordinal))
        {
            FindOrAddAllocation(edit, name);
        }

        foreach (var show in plan.Shows)
        {
            AddShow(edit, show);
        }

        foreach (var limit in plan.Limits)
        {
            var kind = Enum.Parse<LimitKind>(limit.Kind, ignoreCase: true);
            edit.Add(new Limit(new LimitRow(edit.NewId(), limit.Name, limit.Max, kind, limit.Headroom)));
        }

        foreach (var facility in edit.Farm.Facilities.All.ToList())
        {
            edit.Set(facility, facility.Row with { SchedulingPolicy = policy });
        }
    }

    /// <summary>Sets what a host's report does not say.</summary>
    public static void Configure(FarmEdit edit, Host host, HostClass plan) => edit.Set(host, host.Row with
    {
        ThreadMode = Enum.Parse<ThreadMode>(plan.ThreadMode, ignoreCase: true),
        MaxProcs = plan.MaxProcs,
    });

    private static Allocation FindOrAddAllocation(FarmEdit edit, string fullName)
    {
        var farm = edit.Farm;
        if (farm.Allocations.Find(fullName) is { } known)
        {
            return known;
        }

        var parts = fullName.Split('.', 2);
        var facility = farm.Facilities.Find(parts[0]);
        if (facility is null)
        {
            edit.Add(facility = new Facility(new FacilityRow(edit.NewId(), parts[0], IsDefault: false)));
        }

        var allocation = new Allocation(new AllocationRow(edit.NewId(), facility.Id, fullName, parts[1], Billable: false, IsDefault: false), facility);
        edit.Add(allocation);
        return allocation;
    }

    private static void AddShow(FarmEdit edit, ShowPlan plan)
    {
        var show = edit.Farm.FindShow(plan.Name) ?? ShowRules.Create(edit, plan.Name);
        foreach (var planned in plan.Subscriptions)
        {
            var allocation = FindOrAddAllocation(edit, FarmPlan.FullName(planned.Allocation));
            var (size, burst) = (Points(planned.Size), Points(planned.Burst));
            if (allocation.Subscriptions.TryGetValue(show.Id, out var seeded))
            {
                edit.Set(seeded, seeded.Row with { Size = size, Burst = burst });
            }
            else
            {
                edit.Add(new Subscription(new SubscriptionRow(edit.NewId(), show.Id, allocation.Id, size, burst), show, allocation));
            }
        }

        foreach (var group in plan.Groups)
        {
            edit.Add(new Group(
                new GroupRow
                {
                    Id = edit.NewId(),
                    ShowId = show.Id,
                    ParentId = show.RootGroup.Id,
                    Name = group.Name,
                    MinCores = Points(group.MinCores),
                    MaxCores = group.MaxCores > 0 ? Points(group.MaxCores) : -1,
                },
                show));
        }
    }

    private static int Points(double cores) => (int)Math.Round(cores * 100);
}
