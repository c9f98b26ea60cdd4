using OpenCue.Rpc.Client;

namespace OpenCue.Rpc.Tests;

public sealed class AddressListTests
{
    private static readonly RpcChannelOptions Options = new()
    {
        BackoffMin = TimeSpan.FromSeconds(1),
        BackoffMax = TimeSpan.FromSeconds(10),
    };

    [Fact]
    public void A_failed_address_rests_longer_each_time_but_never_longer_than_the_bound()
    {
        var time = new ManualTime();
        var list = List(time, "http://a:1");
        var expected = 1.0;
        for (var i = 0; i < 10; i++)
        {
            var address = list.Pick(0)!;
            list.Failed(address, time.GetTimestamp(), "refused");
            Assert.Null(list.Pick(0));
            Assert.InRange(list.UntilRested().TotalSeconds, expected * 0.8, expected * 1.2);
            time.Advance(list.UntilRested());
            expected = Math.Min(10, expected * 1.6);
        }
    }

    [Fact]
    public void Attempts_that_ran_side_by_side_are_one_failure()
    {
        var time = new ManualTime();
        var list = List(time, "http://a:1");
        var address = list.Pick(0)!;
        var started = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(0.1));
        for (var i = 0; i < 100; i++)
        {
            list.Failed(address, started, "refused");
        }

        Assert.InRange(list.UntilRested().TotalSeconds, 0.8, 1.2);
    }

    [Fact]
    public void A_connection_that_works_again_ends_the_rest()
    {
        var time = new ManualTime();
        var list = List(time, "http://a:1");
        list.Failed(list.Current, time.GetTimestamp(), "refused");
        list.Succeeded(list.Current);
        Assert.NotNull(list.Pick(0));
        Assert.Equal("", list.DescribeFailures());
    }

    [Fact]
    public void Calls_move_on_from_a_failed_address_and_stay_with_the_next()
    {
        var time = new ManualTime();
        var list = List(time, "http://a:1", "http://b:2", "http://c:3");
        list.Failed(list.Pick(0)!, time.GetTimestamp(), "refused");
        list.Failed(list.Pick(0)!, time.GetTimestamp(), "refused");
        var third = list.Pick(0)!;
        Assert.Equal("c:3", third.ToString());
        list.Succeeded(third);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("c:3", list.Pick(0)!.ToString());
    }

    [Fact]
    public void An_address_that_was_tried_is_not_picked_again()
    {
        var list = List(new ManualTime(), "http://a:1", "http://b:2");
        var tried = AddressList.Bit(list.Pick(0)!);
        tried |= AddressList.Bit(list.Pick(tried)!);
        Assert.Null(list.Pick(tried));
    }

    private static AddressList List(ManualTime time, params string[] uris) =>
        new([.. uris.Select(uri => new Uri(uri))], Options with { TimeProvider = time });

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks = TimeSpan.TicksPerDay;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks + 1;
    }
}
