using OpenCue.Farm.Jobs;
using OpenCue.Farm.Scheduling;
using OpenCue.Specs;

namespace OpenCue.Farm.Tests.Scheduling;

public sealed class TagMatcherTests
{
    private readonly SchedulingFarm _farm = new();

    [Fact]
    public void A_layer_has_so_many_tags_at_most()
    {
        var layer = _farm.Work("x");
        var before = layer.Row.Tags;

        var refusal = Assert.Throws<FarmException>(() => LayerRules.SetTags(_farm.Edit, layer, Enumerable.Range(0, 10_000).Select(i => $"tag{i}")));
        var tooLong = Assert.Throws<FarmException>(() => LayerRules.SetTags(_farm.Edit, layer, [new string('x', 129)]));

        Assert.Equal((Refusal.InvalidArgument, Refusal.InvalidArgument), (refusal.Refusal, tooLong.Refusal));
        Assert.StartsWith("The layer x can't have 10000 tags: 128 are the most.", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("has 129 characters: 128 are the most.", tooLong.Message, StringComparison.Ordinal);
        Assert.Same(before, layer.Row.Tags);
        LayerRules.SetTags(_farm.Edit, layer, Enumerable.Range(0, 128).Select(i => $"tag{i}"));
        Assert.Equal(128, layer.Row.Tags.Count);
    }

    [Theory]
    [InlineData("(a{1000}){1000}")]
    [InlineData("((a{100}){100}){100}")]
    [InlineData("(.*a){60}")]
    public void A_tag_that_is_a_monstrous_pattern_matches_nothing_or_in_bounded_time(string tag)
    {
        var matcher = new TagMatcher(asPattern: true);

        Assert.False(matcher.Match([tag, "zzz"], Enumerable.Range(0, 100).Select(i => $"host{i}").ToValueList()));
    }

    [Fact]
    public void A_matcher_keeps_only_so_many_patterns()
    {
        var matcher = new TagMatcher(asPattern: true);

        for (var i = 0; i < 5000; i++)
        {
            Assert.True(matcher.Match(["gen", $"gpu{i % 3000}"], ["general"]));
        }

        Assert.InRange(matcher.Patterns, 1, 2000);
    }
}
