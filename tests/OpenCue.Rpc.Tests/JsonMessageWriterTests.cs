using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OpenCue.Rpc.Server;
using OpenCue.Rpc.Tests.Protos;
using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Tests;

public sealed class JsonMessageWriterTests
{
    [Fact]
    public void Absent_messages_are_null_and_absent_choices_are_left_out() =>
        Assert.Equal(
            """{"nested":null,"list":[],"byName":{},"ratio":0,"share":0,"flag":false,"at":null,"unsignedBig":"0"}""",
            Write(new EverythingMessage()));

    [Fact]
    public void Everything_that_is_there_is_written_in_its_json_form()
    {
        var message = new EverythingMessage
        {
            Nested = new EverythingMessage.Types.Nested { Name = "日本 \"quoted\" \\ \u0001" },
            ByName = { ["b"] = new EverythingMessage.Types.Nested { Name = "x" } },
            Ratio = 0.1f,
            Share = double.NegativeInfinity,
            Flag = true,
            At = Timestamp.FromDateTime(DateTime.UnixEpoch),
            UnsignedBig = ulong.MaxValue,
            OneText = "",
            OptionalNumber = 0,
        };
        message.List.AddRange([Colour.Red, (Colour)77]);
        Assert.Equal(
            """{"nested":{"name":"日本 \"quoted\" \\ \u0001"},"list":["RED",77],"byName":{"b":{"name":"x"}},"ratio":0.1,"share":"-Infinity","""
            + """
            "flag":true,"at":"1970-01-01T00:00:00Z","unsignedBig":"18446744073709551615","oneText":"","optionalNumber":0}
            """,
            Write(message));
    }

    [Fact]
    public void What_is_written_can_be_parsed_back()
    {
        var message = new EverythingMessage { Ratio = 1e-30f, Share = Math.PI, OneNumber = 5, UnsignedBig = 1 };
        Assert.Equal(message, JsonParser.Default.Parse<EverythingMessage>(Write(message)));
        Assert.Equal(new EverythingMessage(), JsonParser.Default.Parse<EverythingMessage>(Write(new EverythingMessage())));
    }

    private static string Write(IMessage message)
    {
        using var buffer = new PooledBuffer();
        JsonMessageWriter.Write(message, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
