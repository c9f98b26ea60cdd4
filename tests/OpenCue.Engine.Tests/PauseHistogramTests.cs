namespace OpenCue.Engine.Tests;

public sealed class PauseHistogramTests
{
    [Fact]
    public void Percentiles_are_right_within_an_eighth_and_never_above_the_longest()
    {
        var pauses = new PauseHistogram();
        Assert.Equal((0L, TimeSpan.Zero, TimeSpan.Zero), (pauses.Count, pauses.Longest, pauses.Percentile(0.999)));
        for (var i = 1; i <= 1000; i++)
        {
            pauses.Record(TimeSpan.FromMicroseconds(i * 10));
        }

        Assert.Equal((1000L, TimeSpan.FromMilliseconds(10)), (pauses.Count, pauses.Longest));
        Assert.InRange(pauses.Percentile(0.5).TotalMilliseconds, 5, 5.7);
        Assert.InRange(pauses.Percentile(0.99).TotalMilliseconds, 9.9, 10);
        Assert.Equal(pauses.Longest, pauses.Percentile(1));
        pauses.Record(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromHours(1), pauses.Longest);
        pauses.Reset();
        Assert.Equal(0, pauses.Count);
    }

    [Fact]
    public async Task A_turn_counts_with_the_time_for_which_it_held_the_model()
    {
        await using var rig = new Rig().StartByHand();
        rig.Engine.Pauses.Reset();
        var slow = rig.Do(_ =>
        {
            rig.Time.Advance(TimeSpan.FromMilliseconds(40));
            return 0;
        });
        rig.Run();
        await slow;
        Assert.Equal(TimeSpan.FromMilliseconds(40), rig.Engine.Pauses.Longest);
    }
}
