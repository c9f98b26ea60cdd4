using OpenCue.Farm.Jobs;
using OpenCue.TestKit;
using static OpenCue.TestKit.SpecText;

namespace OpenCue.Farm.Tests.Jobs;

public sealed class CheckpointTests
{
    private readonly TestFarm _farm = new();
    private readonly Layer _layer;

    public CheckpointTests() => _layer = _farm.Submit("comp", Layer("bg", "1-2")).Layers[0];

    [Theory]
    [InlineData(CheckpointState.Complete, 1)]
    [InlineData(CheckpointState.Disabled, 0)]
    public void A_frame_goes_on_when_its_checkpoint_is_complete_or_disabled(CheckpointState state, int checkpoints)
    {
        Set(CheckpointState.Enabled);
        _farm.RunFrame(_layer, 0, 1);
        Set(CheckpointState.Copying);
        Assert.Equal(FrameState.Checkpoint, _layer.Frames[0].State);

        Assert.True(Set(state));

        Assert.Equal((FrameState.Waiting, checkpoints), (_layer.Frames[0].State, _layer.Frames[0].Checkpoints));
    }

    [Fact]
    public void Complete_follows_only_on_enabled_or_copying()
    {
        Assert.False(Set(CheckpointState.Complete));
        Assert.Equal(0, _layer.Frames[0].Checkpoints);
    }

    [Fact]
    public void A_frame_in_checkpoint_keeps_its_layer_and_job_from_being_complete()
    {
        Set(CheckpointState.Enabled);
        _farm.RunFrame(_layer, 0, 1);
        _farm.RunFrame(_layer, 1);

        Assert.False(_layer.Counts.Complete);
        Assert.Equal(JobState.Pending, _layer.Job.Row.State);
    }

    [Fact]
    public void A_checkpoint_that_nobody_copies_for_five_minutes_is_given_up()
    {
        Set(CheckpointState.Copying);
        _farm.RunFrame(_layer, 0, 1);
        _farm.Clock.PassSeconds(299);
        Assert.Equal(0, _farm.Do(edit => Checkpoints.FreeStale(edit, 10)));
        _farm.Clock.PassSeconds(2);

        Assert.Equal(1, _farm.Do(edit => Checkpoints.FreeStale(edit, 10)));

        Assert.Equal((FrameState.Waiting, CheckpointState.Disabled), (_layer.Frames[0].State, _layer.Frames[0].Checkpoint));
    }

    private bool Set(CheckpointState state) => _farm.Do(edit => Checkpoints.Set(edit, _layer, 0, state));
}
