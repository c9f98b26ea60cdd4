namespace OpenCue.Rqd.Machine;

/// <summary>Where the kernel tells about the machine; tests put their own files in place.</summary>
internal sealed record MachinePaths
{
    public string Proc { get; init; } = "/proc";

    public string Sys { get; init; } = "/sys";

    public string InProc(string name) => Path.Combine(Proc, name);

    public string InSys(string name) => Path.Combine(Sys, name);
}
