using FsCheck;
using FsCheck.Fluent;

namespace OpenCue.Farm.Tests.Properties;

/// <summary>What a random command does.</summary>
public enum StepKind
{
    Submit,
    SubmitStaged,
    Book,
    BookNext,
    GiveBackIdlePlace,
    Complete,
    EndOtherwise,
    RetryFrame,
    EatFrame,
    KillFrame,
    MarkFrameDone,
    MarkAsWaiting,
    MarkAsDepend,
    CreateDepend,
    SatisfyDepend,
    UnsatisfyDepend,
    DropDepends,
    KillJob,
    PutToRest,
    ArchiveJobs,
    RequestBulk,
    StepBulk,
    OrderFrames,
    SetCheckpoint,
    FreeStaleCheckpoints,
    SetJob,
    SetLayer,
    SetLimit,
    PassTime,
}

/// <summary>One random command: what it does, and numbers from which it chooses among what is there.</summary>
public readonly record struct Step(StepKind Kind, int A, int B, int C)
{
    /// <summary>What happens often on a farm comes often.</summary>
    private static readonly StepKind[] Kinds =
    [
        .. Enum.GetValues<StepKind>(),
        .. Enumerable.Repeat(StepKind.Book, 18),
        .. Enumerable.Repeat(StepKind.Complete, 18),
        .. Enumerable.Repeat(StepKind.Submit, 2),
        .. Enumerable.Repeat(StepKind.SubmitStaged, 3),
        .. Enumerable.Repeat(StepKind.CreateDepend, 3),
        .. Enumerable.Repeat(StepKind.PutToRest, 2),
        .. Enumerable.Repeat(StepKind.EatFrame, 2),
        .. Enumerable.Repeat(StepKind.StepBulk, 2),
        .. Enumerable.Repeat(StepKind.BookNext, 2),
        .. Enumerable.Repeat(StepKind.RetryFrame, 2),
    ];

    /// <summary>Sequences of commands; failing ones are made shorter.</summary>
    public static Arbitrary<Step[]> Sequences(int length)
    {
        var step =
            from kind in Gen.Elements(Kinds)
            from a in Gen.Choose(0, 999)
            from b in Gen.Choose(0, 999)
            from c in Gen.Choose(0, 999)
            select new Step(kind, a, b, c);
        var sequences =
            from count in Gen.Choose(1, length)
            from steps in Gen.ArrayOf(step, count)
            select steps;
        return Arb.From(sequences, Shorter);
    }

    private static IEnumerable<Step[]> Shorter(Step[] steps)
    {
        for (var cut = steps.Length / 2; cut > 0; cut /= 2)
        {
            for (var start = 0; start + cut <= steps.Length; start += cut)
            {
                yield return [.. steps[..start], .. steps[(start + cut)..]];
            }
        }
    }
}
