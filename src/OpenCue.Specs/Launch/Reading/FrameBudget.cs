using System.Globalization;
using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Launch.Reading;

/// <summary>Counts the frames of all layers of a specification, and refuses a range before it is expanded when they become too many.</summary>
internal sealed class FrameBudget(JobSpecOptions options)
{
    private long _frames;
    private int _rangeFramesLeft = options.MaxRangeFrames;

    /// <summary>Reads the range of a layer and counts its chunks.</summary>
    public FrameSet Take(SpecText range, int chunkSize)
    {
        FrameSet set;
        try
        {
            set = FrameSet.Parse(range.Value, _rangeFramesLeft);
        }
        catch (FrameRangeException e) when (e.Asked is { } asked)
        {
            CheckFrames(range, asked, chunkSize);
            throw range.Error(string.Create(
                CultureInfo.InvariantCulture,
                $"the ranges of all layers name more than {options.MaxRangeFrames} frames, with this one of {asked}; split the submission"));
        }
        catch (FrameRangeException e)
        {
            throw range.Error($"error, the range {Messages.Show(range.Value)} is invalid: {e.Message}");
        }

        CheckFrames(range, set.Count, chunkSize);
        _rangeFramesLeft -= set.Count;
        return set;
    }

    private void CheckFrames(SpecText range, long count, int chunkSize)
    {
        _frames += ((count - 1) / chunkSize) + 1;
        if (_frames > options.MaxFrames)
        {
            throw range.Error(string.Create(
                CultureInfo.InvariantCulture,
                $"error, your job has {_frames} frames, the maximum number of allowed frames is {options.MaxFrames}"));
        }
    }
}
