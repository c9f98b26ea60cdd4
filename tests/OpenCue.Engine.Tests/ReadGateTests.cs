using OpenCue.Engine.Queries;

namespace OpenCue.Engine.Tests;

public sealed class ReadGateTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Readers_read_side_by_side_up_to_the_bound_and_the_others_follow_in_order()
    {
        var gate = new ReadGate(new ManualTime(), 2);
        await gate.EnterReadAsync(CancellationToken.None);
        await gate.EnterReadAsync(CancellationToken.None);

        var third = gate.EnterReadAsync(CancellationToken.None).AsTask();
        var fourth = gate.EnterReadAsync(CancellationToken.None).AsTask();
        Assert.False(third.IsCompleted);
        gate.ExitRead();

        await third.WaitAsync(Patience);
        Assert.False(fourth.IsCompleted);
        gate.ExitRead();
        await fourth.WaitAsync(Patience);
    }

    [Fact]
    public async Task Who_waits_when_a_turn_of_the_writer_ends_reads_before_the_next()
    {
        var gate = new ReadGate(new ManualTime(), 4);
        gate.EnterWrite();
        var reader = gate.EnterReadAsync(CancellationToken.None).AsTask();
        Assert.False(reader.IsCompleted);

        gate.ExitWrite();
        var writer = Task.Run(gate.EnterWrite);
        await reader.WaitAsync(Patience);
        await Eventually(() => gate.IsWriterWaiting);
        Assert.False(writer.IsCompleted);

        gate.ExitRead();
        await writer.WaitAsync(Patience);
    }

    [Fact]
    public async Task Readers_that_come_while_the_writer_waits_do_not_overtake_it()
    {
        var time = new ManualTime();
        var gate = new ReadGate(time, 4);
        await gate.EnterReadAsync(CancellationToken.None);
        var writer = Task.Run(gate.EnterWrite);
        await Eventually(() => gate.IsWriterWaiting);

        var late = gate.EnterReadAsync(CancellationToken.None).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(2));
        gate.ExitRead();

        await writer.WaitAsync(Patience);
        Assert.False(late.IsCompleted);
        gate.ExitWrite();
        await late.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_reader_that_gives_up_leaves_its_place()
    {
        var gate = new ReadGate(new ManualTime(), 1);
        gate.EnterWrite();
        using var cancel = new CancellationTokenSource();
        var gone = gate.EnterReadAsync(cancel.Token).AsTask();
        var next = gate.EnterReadAsync(CancellationToken.None).AsTask();

        await cancel.CancelAsync();
        gate.ExitWrite();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await next.WaitAsync(Patience);
        gate.ExitRead();
        gate.EnterWrite();
    }

    private static async Task Eventually(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
