using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using OpenCue.Cli.Output;

namespace OpenCue.Cli.Tests;

public sealed class OutputTests
{
    private static readonly string[] Pieces = ["a", "layer", "_v003", "é", "影", "👩‍🎨", " ", "\n", "\e[2J", "testing-sh010-anna_beauty"];

    private static Arbitrary<string> Texts { get; } =
        Gen.ListOf(Gen.Elements(Pieces)).Select(string.Concat).ToArbitrary();

    [Fact]
    public void A_fitted_text_takes_no_more_columns_than_it_may_and_stays_whole_where_it_can() =>
        Prop.ForAll(Texts, Gen.Choose(0, 60).ToArbitrary(), (text, width) =>
        {
            var fitted = TextWidth.Fit(text, width, unicode: true);
            return TextWidth.Of(fitted) <= width && (TextWidth.Of(text) > width || fitted == text);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_table_fits_every_terminal_and_has_a_line_for_each_row() =>
        Prop.ForAll(Gen.ListOf(Texts.Generator.Three()).ToArbitrary(), Gen.Choose(20, 200).ToArbitrary(), (rows, width) =>
        {
            var table = new Table(new Column("NAME") { Least = 10 }, new Column("STATE"), new Column("SPARE") { Spare = 1, Right = true });
            foreach (var (first, second, third) in rows)
            {
                table.Add(first, second, third);
            }

            using var output = new StringWriter();
            using var terminal = new Terminal(output, TextWriter.Null, TextReader.Null, () => width) { HasColor = false };
            table.Write(terminal);
            var lines = output.ToString().Split('\n')[..^1];
            return lines.Length == rows.Count + 1 && lines.All(line => TextWidth.Of(line) <= width && !line.Any(char.IsControl));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(59, "59s")]
    [InlineData(60, "1m00s")]
    [InlineData(3_599, "59m59s")]
    [InlineData(3_600, "1h00m")]
    [InlineData(90_000, "1d01h")]
    public void Times_are_written_in_two_units(long seconds, string text) => Assert.Equal(text, Units.Duration(seconds));

    [Theory]
    [InlineData(0, "0 KiB")]
    [InlineData(1_023, "1023 KiB")]
    [InlineData(1_024, "1 MiB")]
    [InlineData(3_355_443, "3.2 GiB")]
    [InlineData(1_099_511_627, "1.0 TiB")]
    public void Memory_is_written_in_the_unit_that_suits_it(long kib, string text) => Assert.Equal(text, Units.Memory(kib));

    [Fact]
    public void Json_writes_numbers_as_people_mean_them_and_values_it_does_not_know_as_numbers()
    {
        using var output = new StringWriter();
        using var terminal = new Terminal(output, TextWriter.Null, TextReader.Null, null);

        Json.Write(terminal, new Wire.Host { Name = "rnd01\n\"", Cores = 0.1f, Memory = long.MaxValue, State = (Wire.HardwareState)99 });

        var host = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.Equal("rnd01\n\"", host.GetProperty("name").GetString());
        Assert.Equal("0.1", host.GetProperty("cores").GetRawText());
        Assert.Equal(long.MaxValue, host.GetProperty("memory").GetInt64());
        Assert.Equal("99", host.GetProperty("state").GetString());
    }
}
