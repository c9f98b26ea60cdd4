namespace OpenCue.Rqd.Machine;

/// <summary>One process as the kernel described it at one moment.</summary>
/// <param name="CpuTicks">User and system time so far, in clock ticks (hundredths of a second).</param>
internal sealed record ProcessSample(
    ProcessIdentity Identity, int Parent, int Session, char State, string Name, long CpuTicks, long VsizeKib, long RssKib)
{
    public int Pid => Identity.Pid;

    public bool IsZombie => State is 'Z' or 'X';
}
