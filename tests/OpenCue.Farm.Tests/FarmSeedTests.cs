using OpenCue.Farm.Shows;
using OpenCue.TestKit;

namespace OpenCue.Farm.Tests;

public sealed class FarmSeedTests
{
    private readonly TestFarm _farm = new();

    [Fact]
    public void A_new_farm_has_the_names_that_clients_know()
    {
        var model = _farm.Model;
        Assert.Equal(["cloud", "local"], model.Facilities.All.Select(f => f.Row.Name).Order());
        Assert.Equal(
            ["cloud.general", "cloud.unassigned", "local.desktop", "local.general", "local.unassigned"],
            model.Allocations.All.Select(a => a.Row.Name).Order());
        Assert.Equal(
            ["arnold", "default", "houdini", "katana", "maya", "nuke", "postprocess", "preprocess", "prman", "shell"],
            model.Services.FarmWide.Select(s => s.Row.Name).Order());
        Assert.Same(model.Shows.Find("testing"), model.FindShow("test"));
        Assert.Equal(
            [("cloud.general", 100_000), ("local.desktop", 100_000), ("local.general", 100_000)],
            model.Shows.Find("testing")!.Subscriptions.Select(s => (s.Allocation.Row.Name, s.Row.Burst)).Order());
        var root = model.Shows.Find("testing")!.RootGroup.Row;
        Assert.Equal(("testing", "Pipeline"), (root.Name, root.Department));
    }

    [Fact]
    public void Its_default_facility_is_that_of_its_default_allocation()
    {
        var allocation = _farm.Model.Allocations.All.Single(a => a.Row.IsDefault);

        Assert.Equal("local.general", allocation.Row.Name);
        Assert.Same(_farm.Model.Facilities.All.Single(f => f.Row.IsDefault), allocation.Facility);
    }

    [Fact]
    public void It_holds_what_must_hold_and_loads_as_it_was_stored()
    {
        var before = FarmDump.Of(_farm.Model);

        _farm.Restart();

        Assert.Equal(before, FarmDump.Of(_farm.Model));
        Assert.Empty(FarmInvariants.Check(_farm.Model));
    }

    [Fact]
    public void A_show_is_made_with_its_root_group_under_a_conformed_name()
    {
        var show = _farm.Do(edit => ShowRules.Create(edit, "My-Show"));

        Assert.Equal(("my_show", "my_show", "Unknown"), (show.Row.Name, show.RootGroup.Row.Name, show.RootGroup.Row.Department));
    }

    [Theory]
    [InlineData("testing", Refusal.AlreadyExists)]
    [InlineData("test", Refusal.AlreadyExists)]
    [InlineData("TEST", Refusal.AlreadyExists)]
    [InlineData("ab", Refusal.InvalidArgument)]
    [InlineData("a show\n", Refusal.InvalidArgument)]
    public void A_name_that_is_taken_or_is_none_is_refused(string name, Refusal refusal) =>
        Assert.Equal(refusal, Assert.Throws<FarmException>(() => _farm.Do(edit => ShowRules.Create(edit, name))).Refusal);
}
