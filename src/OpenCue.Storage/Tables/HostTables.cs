using OpenCue.Farm.Hosts;

namespace OpenCue.Storage.Tables;

/// <summary>Hosts, what they measured, and the places on them that jobs hold.</summary>
internal static class HostTables
{
    public static Table<HostRow> Host { get; } = new TableBuilder<HostRow>("host")
        .Uuid("id", r => r.Id)
        .Key(r => $"{r.Id} ({r.Name})")
        .Int("number", r => r.Number)
        .Text("name", r => r.Name)
        .Text("fqdn", r => r.Fqdn)
        .Uuid("allocation_id", r => r.AllocationId)
        .Enum("state", r => r.State)
        .TextOrNull("repair_reason", r => r.RepairReason)
        .Bool("locked", r => r.Locked)
        .Bool("nimby_locked", r => r.NimbyLocked)
        .Bool("nimby_enabled", r => r.NimbyEnabled)
        .Enum("thread_mode", r => r.ThreadMode)
        .Resources("total", r => r.Total)
        .Text("hardware_tags", r => JsonLists.Of(r.HardwareTags))
        .Text("manual_tags", r => JsonLists.Of(r.ManualTags))
        .Bool("has_hostname_tag", r => r.HasHostnameTag)
        .Text("os", r => JsonLists.Of(r.Os))
        .Enum("agent", r => r.Agent)
        .TextOrNull("boot_id", r => r.BootId)
        .TextOrNull("agent_instance", r => r.AgentInstance)
        .Long("boot_time_s", r => r.BootTimeSeconds)
        .TextOrNull("agent_address", r => r.AgentAddress)
        .IntOrNull("agent_port", r => r.AgentPort)
        .Long("added_at_ms", r => r.AddedAtMs)
        .Int("max_procs", r => r.MaxProcs)
        .Build(c => new HostRow
        {
            Id = c.Uuid(),
            Number = c.Int(),
            Name = c.Text(),
            Fqdn = c.Text(),
            AllocationId = c.Uuid(),
            State = c.Enum<HardwareState>(),
            RepairReason = c.TextOrNull(),
            Locked = c.Bool(),
            NimbyLocked = c.Bool(),
            NimbyEnabled = c.Bool(),
            ThreadMode = c.Enum<ThreadMode>(),
            Total = c.Resources(),
            HardwareTags = JsonLists.Strings(c.Text()),
            ManualTags = JsonLists.Strings(c.Text()),
            HasHostnameTag = c.Bool(),
            Os = JsonLists.Strings(c.Text()),
            Agent = c.Enum<AgentKind>(),
            BootId = c.TextOrNull(),
            AgentInstance = c.TextOrNull(),
            BootTimeSeconds = c.Long(),
            AgentAddress = c.TextOrNull(),
            AgentPort = c.IntOrNull(),
            AddedAtMs = c.Long(),
            MaxProcs = c.Int(),
        });

    public static Table<HostStatRow> HostStat { get; } = new TableBuilder<HostStatRow>("host_stat")
        .Uuid("host_id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Long("ping_at_ms", r => r.PingAtMs)
        .Int("load_hundredths", r => r.Load)
        .Long("total_memory_kib", r => r.TotalMemory)
        .Long("free_memory_kib", r => r.FreeMemory)
        .Long("total_swap_kib", r => r.TotalSwap)
        .Long("free_swap_kib", r => r.FreeSwap)
        .Long("total_temp_kib", r => r.TotalTemp)
        .Long("free_temp_kib", r => r.FreeTemp)
        .Long("total_gpu_memory_kib", r => r.TotalGpuMemory)
        .Long("free_gpu_memory_kib", r => r.FreeGpuMemory)
        .Build(c => new HostStatRow
        {
            Id = c.Uuid(),
            PingAtMs = c.Long(),
            Load = c.Int(),
            TotalMemory = c.Long(),
            FreeMemory = c.Long(),
            TotalSwap = c.Long(),
            FreeSwap = c.Long(),
            TotalTemp = c.Long(),
            FreeTemp = c.Long(),
            TotalGpuMemory = c.Long(),
            FreeGpuMemory = c.Long(),
        });

    public static Table<ProcRow> Proc { get; } = new TableBuilder<ProcRow>("proc")
        .Uuid("id", r => r.Id)
        .Key(r => r.Id.ToString())
        .Uuid("host_id", r => r.HostId)
        .Uuid("layer_id", r => r.LayerId)
        .Resources("reserved", r => r.Reserved)
        .Long("booked_memory_kib", r => r.BookedMemoryKib)
        .Long("booked_at_ms", r => r.BookedAtMs)
        .Bool("unbooked", r => r.Unbooked)
        .Bool("is_local", r => r.Local)
        .Build(c => new ProcRow
        {
            Id = c.Uuid(),
            HostId = c.Uuid(),
            LayerId = c.Uuid(),
            Reserved = c.Resources(),
            BookedMemoryKib = c.Long(),
            BookedAtMs = c.Long(),
            Unbooked = c.Bool(),
            Local = c.Bool(),
        });
}
