using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Runs;
using OpenCue.TestKit;

namespace OpenCue.Farm.Tests.Limits;

public sealed class LimitTests
{
    private static readonly Resources OneCore = new(100, 1048576);

    private readonly TestFarm _farm = new();

    [Fact]
    public void A_limit_of_frames_counts_running_frames()
    {
        var limit = Create("nuke", 2, LimitKind.Frame);
        var (host, layer) = (_farm.AddHost(), Work("comp", "artist", "nuke"));
        var first = Start(host, layer, 0);
        Start(host, layer, 1);
        Assert.Equal(2, limit.Tokens);
        Assert.Equal(BookingRefusal.Limit, Check(host, layer, 2));
        _farm.Complete(first);
        Assert.Equal(BookingRefusal.None, Check(host, layer, 2));
    }

    [Fact]
    public void A_limit_of_hosts_counts_each_host_once_and_closes_the_others()
    {
        var limit = Create("katana", 1, LimitKind.Host);
        var (one, two, layer) = (_farm.AddHost("one"), _farm.AddHost("two"), Work("comp", "artist", "katana"));
        var runs = new[] { Start(one, layer, 0), Start(one, layer, 1) };
        Assert.Equal((2, 1), (limit.Running, limit.Tokens));
        Assert.Equal(BookingRefusal.Limit, Check(two, layer, 2));
        Assert.Equal(BookingRefusal.None, Check(one, layer, 2));
        Assert.True(limit.HasRoomFor(one, "artist"));
        Assert.False(limit.HasRoomFor(two, "artist"));
        Assert.True(limit.HasRoomFor(null, "artist"));

        _farm.Complete(runs[0]);
        Assert.Equal(BookingRefusal.Limit, Check(two, layer, 2));
        _farm.Complete(runs[1]);
        Assert.Equal((0, BookingRefusal.None), (limit.Tokens, Check(two, layer, 2)));
        Assert.Empty(limit.HoldersByHost);
    }

    [Fact]
    public void A_limit_of_users_counts_each_owner_of_jobs_once()
    {
        var limit = Create("mari", 1, LimitKind.User);
        var host = _farm.AddHost();
        var (first, second, other) = (Work("one", "artist", "mari"), Work("two", "artist", "mari"), Work("three", "painter", "mari"));
        Start(host, first, 0);
        var last = Start(host, second, 0);
        Assert.Equal((2, 1), (limit.Running, limit.Tokens));
        Assert.Equal(BookingRefusal.Limit, Check(host, other, 0));
        _farm.Complete(first.Runs[0]);
        Assert.Equal(BookingRefusal.Limit, Check(host, other, 0));
        _farm.Complete(last);
        Start(host, other, 0);
        Assert.Equal(["painter"], limit.HoldersByUser.Keys);
    }

    [Fact]
    public void What_is_held_back_is_left_alone()
    {
        var limit = Create("nuke", 3, LimitKind.Frame, headroom: 2);
        var (host, layer) = (_farm.AddHost(), Work("comp", "artist", "nuke"));
        Start(host, layer, 0);
        Assert.Equal((1, BookingRefusal.Limit), (limit.Capacity, Check(host, layer, 1)));
        _farm.Do(edit => LimitRules.Change(edit, limit, headroom: 5));
        Assert.Equal(0, limit.Capacity);
    }

    [Theory]
    [InlineData(LimitKind.Frame)]
    [InlineData(LimitKind.Host)]
    [InlineData(LimitKind.User)]
    public void A_maximum_below_what_is_used_kills_nothing_and_starts_nothing(LimitKind kind)
    {
        var limit = Create("nuke", 2, kind);
        var hosts = new[] { _farm.AddHost("one"), _farm.AddHost("two") };
        var layers = new[] { Work("one", "artist", "nuke"), Work("two", "painter", "nuke") };
        var runs = new[] { Start(hosts[0], layers[0], 0), Start(hosts[1], layers[1], 0) };
        _farm.Do(edit => LimitRules.Change(edit, limit, maxValue: 1));
        Assert.All(runs, run => Assert.True(run.InFarm && run.Row.Kill is null));
        Assert.All(hosts.Zip(layers), pair => Assert.Equal(BookingRefusal.Limit, Check(pair.First, pair.Second, 1)));

        _farm.Complete(runs[0]);
        Assert.Equal(1, limit.Tokens);
        Assert.Equal(kind == LimitKind.Frame ? BookingRefusal.Limit : BookingRefusal.None, Check(hosts[1], layers[1], 1));
        Assert.Equal(BookingRefusal.Limit, Check(hosts[0], layers[0], 1));
    }

    [Fact]
    public void Deleting_a_limit_frees_its_layers_and_undoing_that_counts_again()
    {
        var limit = Create("nuke", 1, LimitKind.Frame);
        var (host, layer) = (_farm.AddHost(), Work("comp", "artist", "nuke"));
        Start(host, layer, 0);
        _farm.Undo(edit => LimitRules.Delete(edit, limit));
        Assert.Equal(BookingRefusal.Limit, Check(host, layer, 1));
        _farm.Do(edit => LimitRules.Delete(edit, limit));
        Assert.Equal(BookingRefusal.None, Check(host, layer, 1));
        Assert.Empty(layer.Limits);
        _farm.Restart();
        Assert.Null(_farm.Model.Limits.Find("nuke"));
        Assert.Empty(_farm.Model.Layers[layer.Id].Limits);
        Assert.Empty(FarmInvariants.Check(_farm.Model));
    }

    [Fact]
    public void A_limit_is_the_same_after_a_restart()
    {
        Create("katana", 3, LimitKind.Host, headroom: 1);
        Start(_farm.AddHost("one"), Work("comp", "artist", "katana"), 0);
        _farm.Restart();
        var limit = _farm.Model.Limits.Find("katana")!;
        Assert.Equal((LimitKind.Host, 3, 1, 2, 1), (limit.Row.Kind, limit.Row.MaxValue, limit.Row.Headroom, limit.Capacity, limit.Tokens));
        Assert.Empty(FarmInvariants.Check(_farm.Model));
    }

    [Fact]
    public void A_renamed_limit_still_holds_its_layers()
    {
        var limit = Create("nuke", 0, LimitKind.Frame);
        var (host, layer) = (_farm.AddHost(), Work("comp", "artist", "nuke"));
        _farm.Do(edit => LimitRules.Rename(edit, limit, "nuke-i"));
        Assert.Same(limit, _farm.Model.Limits.Find("nuke-i"));
        Assert.Equal(BookingRefusal.Limit, Check(host, layer, 0));
    }

    [Theory]
    [InlineData("", 1, 0, "1 to 256 characters")]
    [InlineData(" nuke", 1, 0, "no space around it")]
    [InlineData("a,b", 1, 0, "no comma")]
    [InlineData("there", 1, 0, "exists already")]
    [InlineData("nuke", -1, 0, "can't be -1")]
    [InlineData("nuke", 1, -2, "can't hold back -2")]
    public void A_limit_that_makes_no_sense_is_refused(string name, int maximum, int headroom, string because)
    {
        Create("there", 1, LimitKind.Frame);
        var refused = Assert.Throws<FarmException>(() => Create(name, maximum, LimitKind.Frame, headroom));
        Assert.Contains(because, refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, _farm.Model.Limits.Count);
    }

    [Fact]
    public void A_host_takes_no_more_procs_than_its_cap()
    {
        var (host, layer) = (_farm.AddHost(), Work("comp", "artist"));
        Start(host, layer, 0);
        _farm.Do(edit => edit.Set(host, host.Row with { MaxProcs = 1 }));
        Assert.Equal(BookingRefusal.ProcCap, Check(host, layer, 1));
        Assert.Equal(BookingRefusal.ProcCap, Booking.CheckStart(_farm.Model, _farm.Clock.Now, host, layer, 1, OneCore, local: true));
        _farm.Do(edit => edit.Set(host, host.Row with { MaxProcs = 0 }));
        Assert.Equal(BookingRefusal.None, Check(host, layer, 1));
    }

    private Limit Create(string name, int maximum, LimitKind kind, int headroom = 0) =>
        _farm.Do(edit => LimitRules.Create(edit, name, maximum, kind, headroom));

    private Layer Work(string job, string user, params string[] limits) => _farm.Submit(
        SpecText.Of(job, SpecText.Layer("render", "1-9") with { Limits = [.. limits], MinMemoryKib = 1048576 }) with { User = user })[0].Layers[0];

    private Run Start(Host host, Layer layer, int ordinal) =>
        _farm.Do(edit => Booking.Start(edit, host, layer, ordinal, OneCore)) ?? throw new InvalidOperationException($"{Check(host, layer, ordinal)}");

    private BookingRefusal Check(Host host, Layer layer, int ordinal) =>
        Booking.CheckStart(_farm.Model, _farm.Clock.Now, host, layer, ordinal, OneCore);
}
