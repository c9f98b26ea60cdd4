using FsCheck;
using FsCheck.Fluent;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Tests.Shows;

public sealed class UseMeterTests
{
    private const long Hour = 3_600_000;
    private const long HalfLife = 4 * Hour;

    [Fact]
    public void What_is_one_half_life_old_counts_half()
    {
        var meter = new UseMeter();
        meter.Advance(100 * Hour, 0, HalfLife);
        meter.Advance(100 * Hour, 0, HalfLife);
        Assert.Equal(0, meter.At(100 * Hour, 1000, HalfLife));
        Assert.Equal(500, meter.At(104 * Hour, 1000, HalfLife), 1e-6);
        Assert.Equal(750, meter.At(108 * Hour, 1000, HalfLife), 1e-6);
        meter.Advance(108 * Hour, 1000, HalfLife);
        Assert.Equal(375, meter.At(112 * Hour, 0, HalfLife), 1e-6);
    }

    [Fact]
    public void It_never_goes_backwards()
    {
        var meter = new UseMeter();
        meter.Advance(10 * Hour, 1000, HalfLife);
        var before = meter.At(10 * Hour, 0, HalfLife);
        meter.Advance(2 * Hour, 5, HalfLife);
        Assert.Equal(before, meter.At(9 * Hour, 0, HalfLife));
    }

    /// <summary>Whether it is asked often or seldom makes no difference, and it lies between the least and the most that was in use.</summary>
    [Fact]
    public void It_does_not_matter_how_often_it_is_brought_up_to_date() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var (seldom, often) = (new UseMeter(), new UseMeter());
            var (time, most) = (0L, 0);
            for (var step = 0; step < 40; step++)
            {
                var (use, until) = (random.Next(10_000), time + random.Next((int)Hour));
                most = Math.Max(most, use);
                for (; time < until; time = Math.Min(until, time + random.Next(1, (int)Hour / 10)))
                {
                    often.Advance(time, use, HalfLife);
                }

                often.Advance(until, use, HalfLife);
                seldom.Advance(until, use, HalfLife);
                var average = seldom.At(until, 0, HalfLife);
                if (Math.Abs(average - often.At(until, 0, HalfLife)) > 1e-6 * most || average < 0 || average > most)
                {
                    return false.Label($"seed {seed}, step {step}: {average}");
                }
            }

            return true.ToProperty();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
}
