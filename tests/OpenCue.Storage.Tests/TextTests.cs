using FsCheck;
using FsCheck.Fluent;
using OpenCue.Farm.Operations;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Tests;

public sealed class TextTests
{
    [Fact]
    public void Lists_come_back_from_json_as_they_were() =>
        Prop.ForAll<string[]>(texts =>
        {
            var list = texts.Select(Storable).ToValueList();
            var variables = list.Select(t => new EnvironmentVariable(t, t + "=")).ToValueList();
            return JsonLists.Strings(JsonLists.Of(list)).Equals(list) && JsonLists.Variables(JsonLists.Of(variables)).Equals(variables);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Text_passes_exactly_if_utf8_keeps_it_and_it_has_no_nul() =>
        Prop.ForAll<char[]>(chars =>
        {
            var text = new string(chars);
            var kept = !text.Contains('\0') && System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)) == text;
            try
            {
                return StorableText.Check(text) == text && kept;
            }
            catch (UnstorableTextException)
            {
                return !kept;
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Json_is_written_for_people()
    {
        ValueList<EnvironmentVariable> environment = [new EnvironmentVariable("PATH", "/usr/bin:/bin"), new EnvironmentVariable("WHO", "Zoë & \"me\"")];
        ValueList<FrameSpan> spans = [new FrameSpan(EntityId.Parse("01990000-0000-7000-8000-000100000000"), 0, 10)];

        Assert.Equal("""[{"name":"PATH","value":"/usr/bin:/bin"},{"name":"WHO","value":"Zoë & \"me\""}]""", JsonLists.Of(environment));
        Assert.Equal("""[{"layer":"01990000-0000-7000-8000-000100000000","first":0,"count":10}]""", JsonLists.Of(spans));
    }

    private static string Storable(string? text) =>
        System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text ?? "")).Replace("\0", "", StringComparison.Ordinal);
}
