using OpenCue.Simulator.Running;

namespace OpenCue.Simulator.Tests.Running;

public class FairSharesTests
{
    [Fact]
    public void Shows_that_want_more_than_there_is_get_it_by_their_sizes()
    {
        double[] fair = FairShares.Of([new ShowDemand(30, 80, 500), new ShowDemand(10, 20, 500)]);
        Assert.Equal([75.0, 25.0], fair);
    }

    [Fact]
    public void What_a_show_does_not_want_is_divided_among_the_others()
    {
        double[] fair = FairShares.Of([new ShowDemand(50, 10, 10), new ShowDemand(30, 60, 500), new ShowDemand(20, 30, 500)]);
        Assert.Equal([10.0, 54.0, 36.0], fair.Select(f => Math.Round(f, 6)));
    }

    [Fact]
    public void A_show_without_a_size_is_due_nothing()
    {
        double[] fair = FairShares.Of([new ShowDemand(0, 50, 100), new ShowDemand(10, 50, 100)]);
        Assert.Equal([0.0, 100.0], fair);
    }

    [Theory]
    [InlineData(95, 5, 100, true)]
    [InlineData(95, 5, 5, false)]
    [InlineData(40, 5, 100, false)]
    public void Shows_contend_when_the_farm_is_full_and_one_wants_more(double first, double second, double wanted, bool contend) =>
        Assert.Equal(contend, FairShares.Contend([new ShowDemand(50, first, first), new ShowDemand(50, second, wanted)], 100));

    [Fact]
    public void Jains_index_is_one_for_equals_and_one_nth_if_one_of_n_has_all()
    {
        Assert.Equal(1, FairShares.Jain([2, 2, 2]), 9);
        Assert.Equal(0.25, FairShares.Jain([0, 0, 8, 0]), 9);
        Assert.Equal(1, FairShares.Jain([]));
    }
}
