using System.Text.Json;
using OpenCue.EndToEnd.Support;
using OpenCue.Protocol;
using OpenCue.Protocol.Reports;
using OpenCue.Protocol.V1;
using OpenCue.Rpc.Client;

namespace OpenCue.EndToEnd.Explaining;

/// <summary>What a person does whose frames wait: submit, wonder, ask <c>cue explain</c>. A real server, and the tool as it is run.</summary>
public sealed class ExplainTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Whose_frames_wait_is_told_why_and_what_to_do()
    {
        using var folder = new TemporaryFolder();
        var (port, httpPort) = (Ports.Free(), Ports.Free());
        using var cuebot = ManagedProcess.StartProgram(
            "OpenCue.Cuebot", "cuebot", Path.Combine(folder.Path, "cuebot.log"),
            "--data", Path.Combine(folder.Path, "data"), "--port", $"{port}", "--http-port", $"{httpPort}", "--log-root", folder.Path);
        using var channel = new RpcChannel($"127.0.0.1:{port}", new RpcChannelOptions { DefaultTimeout = TimeSpan.FromSeconds(10) });
        var admin = new AdminInterface.AdminInterfaceClient(channel);
        await Eventually.TrueAsync(
            async () => (await admin.GetStatusAsync(new GetStatusRequest())).State == ServerState.Serving, Patience, () => $"The server does not serve.\n{cuebot.Tail}");
        await ReportHostAsync(channel, "rnd1");
        var hosts = new HostInterface.HostInterfaceClient(channel);
        var host = (await hosts.FindHostAsync(new HostFindHostRequest { Name = "rnd1" })).Host;
        await hosts.LockAsync(new HostLockRequest { Host = host });

        async Task<(int Code, string Out, string Error)> Cue(params string[] words)
        {
            var log = Path.Combine(folder.Path, $"{Guid.CreateVersion7()}.log");
            using var cue = ManagedProcess.Start(
                "/bin/sh", log, ["-c", "tool=$1; shift; exec dotnet exec \"$tool\" \"$@\" 2>\"$ERR\"".Replace("$ERR", log + ".err", StringComparison.Ordinal), "sh",
                    Repository.Assembly("OpenCue.Cli", "cue"), "--server", $"127.0.0.1:{port}", .. words]);
            await Eventually.TrueAsync(() => Task.FromResult(cue.HasExited), Patience, () => $"cue does not end.\n{cue.Tail}");
            return (cue.ExitCode, await File.ReadAllTextAsync(log), await File.ReadAllTextAsync(log + ".err"));
        }

        // Accepted, with a warning: no host has so much memory.
        var fat = await Cue("submit", "--name", "fat_job", "--user", "anna", "--uid", "5000", "--memory", "900g", "--", "true");
        Assert.Equal((0, true), (fat.Code, fat.Error.Length > 0));
        Assert.Contains("Submitted testing-default-anna_fat_job", fat.Out, StringComparison.Ordinal);
        Assert.Contains("no host can run it: A frame needs 900.0 GiB of memory; rnd1, the only host that would suit otherwise, has", fat.Error, StringComparison.Ordinal);
        var plain = await Cue("submit", "--name", "plain_job", "--range", "1-3", "--user", "anna", "--uid", "5000", "--memory", "1g", "--", "true #IFRAME#");
        Assert.Equal((0, ""), (plain.Code, plain.Error));

        var ofJob = await Cue("explain", "fat_job");
        Assert.Contains("A frame needs 900.0 GiB of memory", ofJob.Out, StringComparison.Ordinal);
        Assert.Contains("-> Ask for", ofJob.Out, StringComparison.Ordinal);
        Assert.Contains("Unlock the host: cue host unlock rnd1", (await Cue("explain", "plain_job", "render")).Out, StringComparison.Ordinal);
        var ofFrame = await Cue("explain", "plain_job", "render", "2");
        Assert.Contains("1 host of 1 could take it, but not now: 1 host is locked.", ofFrame.Out, StringComparison.Ordinal);

        // The frame that no host can run stands before nobody.
        Assert.Contains("1 frame that may run stands before it (PRIORITY_ONLY): 1 in its layer.", ofFrame.Out, StringComparison.Ordinal);
        Assert.Contains("Unlock it: cue host unlock rnd1", (await Cue("explain", "--host", "rnd1")).Out, StringComparison.Ordinal);
        Assert.Contains("local.general", (await Cue("explain", "--show", "testing")).Out, StringComparison.Ordinal);
        Assert.Equal(3, (await Cue("explain", "--host", "nobody")).Code);

        // The same for programs, and over JSON.
        using var json = JsonDocument.Parse((await Cue("explain", "plain_job", "0002-render", "--json")).Out);
        Assert.Equal("REASON_CODE_NO_HOST_NOW", json.RootElement.GetProperty("reasons")[0].GetProperty("code").GetString());
        using var web = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}") };
        var answer = await web.PostAsync("/opencue.v1.ExplainInterface/ExplainHost", new StringContent("{\"host\":\"rnd1\"}", null, "application/json"));
        Assert.Contains("HOST_LOCKED", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // What the way out says helps.
        Assert.Equal(0, (await Cue("host", "unlock", "rnd1")).Code);
        await Eventually.TrueAsync(
            async () => !(await Cue("explain", "plain_job", "render", "1")).Out.Contains("is locked", StringComparison.Ordinal),
            Patience,
            () => $"The answer does not change.\n{cuebot.Tail}");
    }

    private static async Task ReportHostAsync(RpcChannel channel, string name)
    {
        const long Gib = 1048576;
        var reports = new RqdReportInterface.RqdReportInterfaceClient(channel);
        await reports.ReportRqdStartupAsync(new RqdReportRqdStartupRequest
        {
            BootReport = new BootReport
            {
                Host = new RenderHost
                {
                    Name = name,
                    Facility = "local",
                    NumProcs = 4,
                    CoresPerProc = 100,
                    TotalMem = 32 * Gib,
                    FreeMem = 30 * Gib,
                    TotalSwap = Gib,
                    FreeSwap = Gib,
                    TotalMcp = 100 * Gib,
                    FreeMcp = 80 * Gib,
                    State = HardwareState.Up,
                    Tags = { "general" },
                    Attributes = { ["SP_OS"] = "linux" },
                },
                CoreInfo = new CoreDetail { TotalCores = 400, IdleCores = 400 },
            },
        });
        var hosts = new HostInterface.HostInterfaceClient(channel);
        await Eventually.TrueAsync(
            async () => (await hosts.GetHostsAsync(new HostGetHostsRequest { R = new HostSearchCriteria() })).Hosts.Hosts.Count == 1, Patience, () => "The host is not there.");
    }
}
