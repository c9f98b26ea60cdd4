using OpenCue.Farm.Changes;
using OpenCue.Farm.Facilities;
using OpenCue.Farm.Services;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm;

/// <summary>What a new farm begins with: OpenCue's initial data, so that its clients and documents find the names they know.</summary>
public static class FarmSeed
{
    private const long Gib = 1048576;

    /// <summary>Puts the initial facilities, allocations, show, subscriptions and services into an empty farm.</summary>
    public static void Apply(FarmEdit edit)
    {
        // OpenCue's default facility is "cloud" while its default allocation is "local.general", so a job that names no facility never runs
        // on a host that names no allocation. Here both defaults are of the facility "local".
        var local = AddFacility(edit, "local", isDefault: true);
        var cloud = AddFacility(edit, "cloud", isDefault: false);
        var general = AddAllocation(edit, local, "general", isDefault: true);
        var desktop = AddAllocation(edit, local, "desktop");
        AddAllocation(edit, local, "unassigned");
        var cloudGeneral = AddAllocation(edit, cloud, "general");
        AddAllocation(edit, cloud, "unassigned");

        var testing = ShowRules.Create(edit, "testing");
        edit.Set(testing, testing.Row with { Aliases = ["test"], DefaultMaxCores = 200_000 });
        edit.Set(testing.RootGroup, testing.RootGroup.Row with { Department = "Pipeline" });
        foreach (var allocation in new[] { general, desktop, cloudGeneral })
        {
            edit.Add(new Subscription(new SubscriptionRow(edit.NewId(), testing.Id, allocation.Id, 100_000, 100_000), testing, allocation));
        }

        AddServices(edit);
    }

    private static void AddServices(FarmEdit edit)
    {
        const long usual = 3_355_443; // KiB, 3.2 GiB: OpenCue's mem_reserved_default.
        AddService(edit, "default", threadable: false, 100, usual, ["general", "desktop"]);
        AddService(edit, "prman", threadable: false, 100, usual, ["general", "desktop"]);
        AddService(edit, "arnold", threadable: true, 100, usual, ["general", "desktop"]);
        AddService(edit, "shell", threadable: false, 100, usual, ["general", "util"]);
        AddService(edit, "maya", threadable: false, 100, 2 * Gib, ["general", "desktop"]);
        AddService(edit, "houdini", threadable: false, 100, usual, ["general", "desktop"]);
        AddService(edit, "katana", threadable: true, 100, 2 * Gib, ["general", "desktop", "util"]);
        AddService(edit, "nuke", threadable: false, 100, 2 * Gib, ["general", "desktop"]);
        AddService(edit, "preprocess", threadable: false, 10, Gib * 3 / 8, ["util"]);
        AddService(edit, "postprocess", threadable: false, 10, Gib / 2, ["util"]);
    }

    private static Facility AddFacility(FarmEdit edit, string name, bool isDefault)
    {
        var facility = new Facility(new FacilityRow(edit.NewId(), name, isDefault));
        edit.Add(facility);
        return facility;
    }

    private static Allocation AddAllocation(FarmEdit edit, Facility facility, string tag, bool isDefault = false)
    {
        var allocation = new Allocation(
            new AllocationRow(edit.NewId(), facility.Id, $"{facility.Row.Name}.{tag}", tag, Billable: false, isDefault), facility);
        edit.Add(allocation);
        return allocation;
    }

    private static void AddService(FarmEdit edit, string name, bool threadable, int minCores, long memoryKib, ValueList<string> tags) =>
        edit.Add(new Service(new ServiceRow
        {
            Id = edit.NewId(),
            Name = name,
            Threadable = threadable,
            MinCores = minCores,
            MinMemoryKib = memoryKib,
            Tags = tags,
        }));
}
