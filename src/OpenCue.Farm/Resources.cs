namespace OpenCue.Farm;

/// <summary>What a host has and a proc reserves.</summary>
/// <param name="CorePoints">Hundredths of a core.</param>
/// <param name="MemoryKib">Memory in KiB.</param>
/// <param name="Gpus">Whole GPUs.</param>
/// <param name="GpuMemoryKib">GPU memory in KiB.</param>
public readonly record struct Resources(int CorePoints, long MemoryKib, int Gpus = 0, long GpuMemoryKib = 0)
{
    /// <summary>Sum of both, each amount by itself.</summary>
    public static Resources operator +(Resources a, Resources b) =>
        new(a.CorePoints + b.CorePoints, a.MemoryKib + b.MemoryKib, a.Gpus + b.Gpus, a.GpuMemoryKib + b.GpuMemoryKib);

    /// <summary>Difference of both, each amount by itself; may be negative.</summary>
    public static Resources operator -(Resources a, Resources b) =>
        new(a.CorePoints - b.CorePoints, a.MemoryKib - b.MemoryKib, a.Gpus - b.Gpus, a.GpuMemoryKib - b.GpuMemoryKib);

    /// <summary>True if this fits into <paramref name="room"/> in every amount.</summary>
    public bool FitsIn(Resources room) =>
        CorePoints <= room.CorePoints && MemoryKib <= room.MemoryKib && Gpus <= room.Gpus && GpuMemoryKib <= room.GpuMemoryKib;
}
