using Google.Protobuf;

namespace OpenCue.Protocol.Tests;

/// <summary>The generator is newer than the runtime that it generates for, so every message proves that they fit.</summary>
public sealed class GeneratedMessageTests
{
    [Fact]
    public void Every_field_of_every_message_survives_the_wire_and_json()
    {
        var json = new JsonFormatter(JsonFormatter.Settings.Default);
        foreach (var message in SampleMessages.All())
        {
            Assert.Equal(message, message.Descriptor.Parser.ParseFrom(message.ToByteArray()));
            Assert.Equal(message, message.Descriptor.Parser.ParseJson(json.Format(message)));
            Assert.Equal(message.Descriptor.Fields.InDeclarationOrder().Any(), message.CalculateSize() > 0);
        }
    }

    [Fact]
    public void A_job_of_uid_zero_is_not_a_job_without_uid()
    {
        Assert.True(Job.Parser.ParseFrom(new Job { Uid = 0 }.ToByteArray()).HasUid);
        Assert.False(Job.Parser.ParseFrom(new Job().ToByteArray()).HasUid);
    }
}
