using System.Collections.Immutable;
using OpenCue.Rqd.Frames;
using OpenCue.Rqd.Machine;
using OpenCue.Rqd.Tests.Machine;

namespace OpenCue.Rqd.Tests.Frames;

public sealed class CoreLedgerTests
{
    [Fact]
    public void Idle_cores_are_all_that_are_not_booked()
    {
        var ledger = Ledger(sockets: 1, cores: 4);

        Assert.True(ledger.TryBook(250, ownCores: false, out var processors));
        Assert.Empty(processors);
        Assert.Equal((250, 150), (ledger.BookedUnits, ledger.IdleUnits));
        Assert.False(ledger.TryBook(151, ownCores: false, out _));
        ledger.Release(250, processors);
        Assert.Equal((0, 400), (ledger.BookedUnits, ledger.IdleUnits));
    }

    [Fact]
    public void A_frame_with_cores_of_its_own_gets_all_their_threads()
    {
        var ledger = Ledger(sockets: 1, cores: 4, threads: 2);

        Assert.True(ledger.TryBook(200, ownCores: true, out var processors));

        Assert.Equal([0, 1, 4, 5], processors);
    }

    [Fact]
    public void The_socket_with_the_most_free_cores_comes_first()
    {
        var ledger = Ledger(sockets: 2, cores: 2);

        ledger.TryBook(100, ownCores: true, out var first);
        ledger.TryBook(200, ownCores: true, out var second);

        Assert.Equal([0], first);
        Assert.Equal([2, 3], second);
    }

    [Fact]
    public void A_released_core_is_given_out_again_and_the_others_stay()
    {
        var ledger = Ledger(sockets: 1, cores: 3);
        ledger.TryBook(100, ownCores: true, out var first);
        ledger.TryBook(100, ownCores: true, out var second);

        ledger.Release(100, first);
        ledger.TryBook(200, ownCores: true, out var third);

        Assert.Equal([1], second);
        Assert.Equal([0, 2], third);
    }

    [Fact]
    public void Fractions_of_cores_are_not_pinned()
    {
        var ledger = Ledger(sockets: 1, cores: 4);

        Assert.True(ledger.TryBook(150, ownCores: true, out var processors));

        Assert.Empty(processors);
    }

    [Fact]
    public void Cores_that_are_not_the_machines_own_are_not_pinned()
    {
        using var machine = new FakeMachine();
        var ledger = new CoreLedger(machine.Probe(new MachineOverrides { Cores = 2 }).Facts);

        Assert.True(ledger.TryBook(200, ownCores: true, out var processors));

        Assert.Empty(processors);
    }

    [Fact]
    public void Runs_from_before_keep_what_they_have_even_if_the_machine_shrank()
    {
        var ledger = Ledger(sockets: 1, cores: 2);

        ledger.Rebook(600, [0]);

        Assert.Equal((600, 0), (ledger.BookedUnits, ledger.IdleUnits));
        Assert.False(ledger.TryBook(100, ownCores: true, out _));
        ledger.Release(600, [0]);
        Assert.True(ledger.TryBook(200, ownCores: true, out var processors));
        Assert.Equal([0, 1], processors);
    }

    [Fact]
    public void Whatever_is_booked_and_released_no_core_has_two_owners_and_all_come_back()
    {
        var random = new Random(20261121);
        var ledger = Ledger(sockets: 2, cores: 4, threads: 2);
        var booked = new List<(int Units, ImmutableArray<int> Processors)>();
        var most = 0;
        for (var step = 0; step < 5000; step++)
        {
            var units = random.Next(1, 9) * 50;
            if (random.Next(2) == 0 && ledger.TryBook(units, random.Next(2) == 0, out var processors))
            {
                booked.Add((units, processors));
            }
            else if (booked.Count > 0)
            {
                var gone = booked[random.Next(booked.Count)];
                booked.Remove(gone);
                ledger.Release(gone.Units, gone.Processors);
            }
            most = Math.Max(most, booked.Count);
            var owned = booked.SelectMany(booking => booking.Processors).ToList();
            Assert.Equal(owned.Count, owned.Distinct().Count());
            Assert.Equal(booked.Sum(booking => booking.Units), ledger.BookedUnits);
            Assert.Equal(800, ledger.BookedUnits + ledger.IdleUnits);
        }
        Assert.True(most >= 4, "The test is worth nothing if hardly anything was booked at the same time.");
    }

    private static CoreLedger Ledger(int sockets, int cores, int threads = 1)
    {
        using var machine = new FakeMachine().Processors(sockets, cores, threads);
        return new CoreLedger(machine.Probe().Facts);
    }
}
