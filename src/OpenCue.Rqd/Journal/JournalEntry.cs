using System.Text.Json.Serialization;
using OpenCue.Rqd.Frames;

namespace OpenCue.Rqd.Journal;

/// <summary>One thing that must not be forgotten.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "entry")]
[JsonDerivedType(typeof(Accepted), "accepted")]
[JsonDerivedType(typeof(KillOrdered), "kill")]
[JsonDerivedType(typeof(Ended), "ended")]
[JsonDerivedType(typeof(Acknowledged), "acknowledged")]
[JsonDerivedType(typeof(KilledBeforeLaunch), "killed-before-launch")]
internal abstract record JournalEntry
{
    /// <summary>A launch was accepted: from here on cuebot is owed the run's end.</summary>
    public sealed record Accepted(RunRecord Run) : JournalEntry;

    public sealed record KillOrdered(string Key, KillOrder Kill) : JournalEntry;

    public sealed record Ended(string Key, RunEnd End) : JournalEntry;

    /// <summary>Cuebot has the completion. The key stays known for a while, so that the launch cannot come again.</summary>
    public sealed record Acknowledged(string Key) : JournalEntry;

    /// <summary>A kill overtook the launch of this run, which must not start any more.</summary>
    public sealed record KilledBeforeLaunch(string RunId) : JournalEntry;
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
