using OpenCue.Rqd.Machine;

namespace OpenCue.Rqd.Supervision;

/// <summary>A supervisor's note that its frame is about to start: from here on the frame may have done something.</summary>
internal sealed record SupervisorStart(ProcessIdentity Supervisor, ProcessIdentity Main, DateTimeOffset At);
