namespace OpenCue.Rqd.Reports;

/// <summary>What lets cuebot tell apart a new boot, a new agent, and a host that lost its memory.</summary>
/// <param name="InstanceId">Of the journal: another one has other runs in it.</param>
/// <param name="StartId">New at each start of the agent.</param>
internal sealed record AgentIds(string Version, string InstanceId, string StartId);
