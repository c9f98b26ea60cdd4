namespace OpenCue.Specs.Tests;

public sealed class NameRulesTests
{
    [Theory]
    [InlineData("render", "render")]
    [InlineData("Render-A", "render_a")]
    [InlineData("a.b", "a.b")]
    [InlineData("---", "___")]
    [InlineData("SH_010.v2", "sh_010.v2")]
    public void Names_are_conformed(string name, string conformed)
    {
        Assert.Equal(conformed, NameRules.Layer(name));
        Assert.Equal(conformed, NameRules.Shot(name));
        Assert.Equal(conformed, NameRules.Show(name));
        Assert.Equal(conformed, NameRules.Layer(conformed));
    }

    [Theory]
    [InlineData("ab", "The layer name must be at least 3 characters.")]
    [InlineData("", "The layer name must be at least 3 characters.")]
    [InlineData("A b", "The layer name: a b is not in the proper format.  Layer names must be alpha numeric, no dashes or punctuation.")]
    [InlineData("a/b", "The layer name: a/b is not in the proper format.")]
    [InlineData("caf\u00e9", "The layer name: caf\u00e9 is not in the proper format.")]
    [InlineData("abc\n", "The layer name: abc\\u000a is not in the proper format.")]
    [InlineData("ab\0c", "The layer name: ab\\u0000c is not in the proper format.")]
    public void What_cannot_be_conformed_is_refused(string name, string message) =>
        Assert.StartsWith(message, Assert.Throws<InvalidNameException>(() => NameRules.Layer(name)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("test", "testing-default-testuser_test")]
    [InlineData("testing-default-testuser_test", "testing-default-testuser_test")]
    [InlineData("testing-default-testuser_Test-V1", "testing-default-testuser_test_v1")]
    [InlineData("TEST", "testing-default-testuser_test")]
    [InlineData("a-b", "testing-default-testuser_a_b")]
    [InlineData("a__b", "testing-default-testuser_a_b")]
    [InlineData("a_-b", "testing-default-testuser_a__b")]
    [InlineData("__test", "testing-default-testuser_test")]
    [InlineData("_ab", "testing-default-testuser_ab")]
    [InlineData("testing-other-testuser_test", "testing-default-testuser_testing_other_testuser_test")]
    [InlineData("Testing-default-testuser_test", "testing-default-testuser_testing_default_testuser_test")]
    [InlineData("comp.v001", "testing-default-testuser_comp.v001")]
    public void A_job_is_named_after_show_shot_and_user(string name, string full) =>
        Assert.Equal(full, NameRules.Job("testing", "default", "testuser", name));

    [Fact]
    public void Show_and_user_are_taken_as_written_and_lowered_at_the_end()
    {
        Assert.Equal("big-sh1-anna_test", NameRules.Job("BIG", "sh1", "Anna", "test"));
        Assert.Equal("big-sh1-anna_test", NameRules.Job("BIG", "sh1", "Anna", "BIG-sh1-Anna_test"));
        Assert.Equal("big-sh1-anna_test", NameRules.Job("BIG", "sh1", "Anna_", "test"));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("_-_")]
    [InlineData("a b c")]
    [InlineData("a\nb")]
    [InlineData("a/b")]
    public void A_job_name_that_breaks_the_rules_is_refused(string name) => Assert.StartsWith(
        "The job name suffix: ", Assert.Throws<InvalidNameException>(() => NameRules.Job("testing", "default", "testuser", name)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("general", true)]
    [InlineData("a-1", true)]
    [InlineData("ab", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a b c", false)]
    [InlineData("\u00e4\u00f6\u00fc", false)]
    public void A_tag_is_three_or_more_plain_characters(string? tag, bool good) => Assert.Equal(good, NameRules.IsName(tag));
}
