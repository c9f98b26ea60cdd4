using OpenCue.Rqd.Frames;

namespace OpenCue.Rqd.Journal;

/// <summary>What the journal knows of a run that cuebot has not acknowledged.</summary>
internal sealed record JournaledRun(RunRecord Record, KillOrder? Kill, RunEnd? End);
