using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Tests;

public sealed class WireTests
{
    [Fact]
    public void A_message_percent_encoded_and_decoded_is_the_same() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(text => text is not null), text =>
        {
            // A half of a surrogate pair is no character; UTF-8 has a mark for what it was.
            var wellFormed = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            var encoded = PercentEncoding.Encode(text);
            return encoded.All(c => c is >= ' ' and <= '~') && PercentEncoding.Decode(encoded) == wellFormed;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_header_value_can_be_decoded() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(text => text is not null), text => PercentEncoding.Decode("%" + text + "%4") is not null)
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("100%", "100%25")]
    [InlineData("a\nb", "a%0Ab")]
    [InlineData("ü", "%C3%BC")]
    [InlineData("plain ~text", "plain ~text")]
    [InlineData("", "")]
    public void A_message_is_encoded_as_the_specification_says(string text, string encoded)
    {
        Assert.Equal(encoded, PercentEncoding.Encode(text));
        Assert.Equal(text, PercentEncoding.Decode(encoded));
    }

    [Theory]
    [InlineData("%", "%")]
    [InlineData("%4", "%4")]
    [InlineData("%zz%41", "%zzA")]
    [InlineData("%ff", "�")]
    public void What_is_no_escape_stays_as_it_is(string encoded, string text) => Assert.Equal(text, PercentEncoding.Decode(encoded));

    [Theory]
    [InlineData('x')]
    [InlineData('日')]
    public void A_message_that_no_client_would_take_is_cut_at_a_whole_character(char c)
    {
        var encoded = PercentEncoding.Encode(new string(c, 100_000));
        Assert.InRange(encoded.Length, PercentEncoding.MaxEncodedLength - 12, PercentEncoding.MaxEncodedLength);
        Assert.Equal(new string(c, (encoded.Length - 3) / (c == 'x' ? 1 : 9)) + "...", PercentEncoding.Decode(encoded));
    }

    [Fact]
    public void A_timeout_written_and_read_is_never_shorter_and_hardly_longer() =>
        Prop.ForAll(Ticks().ToArbitrary(), ticks =>
        {
            var timeout = TimeSpan.FromTicks(ticks);
            return GrpcTimeout.TryParse(GrpcTimeout.Format(timeout), out var read)
                && (read >= timeout || timeout.TotalHours > 99_999_999)
                && (read - timeout).Ticks <= Math.Max(TimeSpan.TicksPerMicrosecond, timeout.Ticks / 1000);
        }).QuickCheckThrowOnFailure();

    // As many short timeouts as long ones: the size doubles with each bit.
    private static Gen<long> Ticks() =>
        from bits in Gen.Choose(0, 60)
        from low in Gen.Choose(0, int.MaxValue)
        select (1L << bits) + (low % (1L << bits));

    [Fact]
    public void Any_text_is_a_timeout_or_is_not_but_never_an_exception() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(text => text is not null), text =>
        {
            var isTimeout = GrpcTimeout.TryParse(text, out _);
            return isTimeout == System.Text.RegularExpressions.Regex.IsMatch(text, "^[0-9]{1,8}[HMSmun]\\z");
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("2M", 1_200_000_000)]
    [InlineData("3S", 30_000_000)]
    [InlineData("4m", 40_000)]
    [InlineData("5u", 50)]
    [InlineData("600n", 6)]
    [InlineData("1n", 1)]
    [InlineData("0S", 0)]
    [InlineData("99999999H", 99_999_999 * TimeSpan.TicksPerHour)]
    public void A_timeout_is_read_in_its_unit(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("5s")]
    [InlineData("-5S")]
    [InlineData("5.5S")]
    [InlineData(" 5S")]
    [InlineData("123456789S")]
    public void What_is_no_timeout_is_refused(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Theory]
    [InlineData("x-key", "tab\there")]
    [InlineData("x-key", "line\r\nx-injected: yes")]
    [InlineData("x-key", "ünï")]
    [InlineData("x key", "value")]
    [InlineData("", "value")]
    [InlineData("x-bin", "text")]
    public void Metadata_that_no_header_can_carry_is_refused_where_it_is_made(string key, string value) =>
        Assert.Throws<ArgumentException>(() => new Metadata { { key, value } });
}
