using FsCheck;
using FsCheck.Fluent;

namespace OpenCue.Farm.Tests.Runs;

/// <summary>Random histories: calls and reports that are late, lost, doubled and out of order, crashes, reboots, silence, people.</summary>
public class RandomFarmTests
{
    private const int Steps = 400;

    [Theory]
    [InlineData(FakeKind.Ours)]
    [InlineData(FakeKind.Python)]
    [InlineData(FakeKind.Rust)]
    internal void No_frame_has_two_living_runs_unless_an_assumption_was_recorded_and_all_settles_once_faults_heal(FakeKind kind)
    {
        var histories = Arb.From(Gen.Choose(0, 99_999).ArrayOf(Steps), Shorter);
        Prop.ForAll(histories, steps => new RandomFarm(kind).Play(steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(120));
    }

    private static IEnumerable<int[]> Shorter(int[] steps)
    {
        for (var size = steps.Length / 2; size > 0; size /= 2)
        {
            for (var at = 0; at + size <= steps.Length; at += size)
            {
                yield return [.. steps.Take(at), .. steps.Skip(at + size)];
            }
        }
    }
}
