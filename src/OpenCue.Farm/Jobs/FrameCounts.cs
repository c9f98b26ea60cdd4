using System.Runtime.CompilerServices;

namespace OpenCue.Farm.Jobs;

/// <summary>Number of frames by state.</summary>
[InlineArray(8)]
public struct FrameCounts
{
    private int _first;

    /// <summary>The number of frames in this state.</summary>
    public int this[FrameState state]
    {
        readonly get => this[(int)state];
        set => this[(int)state] = value;
    }

    /// <summary>All frames.</summary>
    public readonly int Total
    {
        get
        {
            var total = 0;
            for (var i = 0; i < 8; i++)
            {
                total += this[i];
            }

            return total;
        }
    }

    /// <summary>True if there are as many in each state.</summary>
    public readonly bool IsSame(in FrameCounts other)
    {
        for (var i = 0; i < 8; i++)
        {
            if (this[i] != other[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True if no frame waits, runs, is dead, is held by a depend or sits at a checkpoint: eaten counts as done.</summary>
    public readonly bool Complete => Total == this[FrameState.Succeeded] + this[FrameState.Eaten];
}
