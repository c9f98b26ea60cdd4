using Grpc.Core;
using OpenCue.Engine;

namespace OpenCue.Cuebot.Api;

/// <summary><c>cue.CueInterface</c>.</summary>
internal sealed class CueService(FarmEngine engine, EngineOptions options, FarmAccess access) : Wire.CueInterface.CueInterfaceBase
{
    /// <inheritdoc/>
    /// <remarks>
    /// pycue calls it to find out whether a server is there, and takes the next one of its list if this one can't serve, so it fails while there is
    /// no farm. Our queues are not OpenCue's: "manage" are people's actions, "dispatch" completions, "report" hosts' reports, "booking" the
    /// launches and kills that agents have not answered yet.
    /// </remarks>
    public override async Task<Wire.CueGetSystemStatsResponse> GetSystemStats(Wire.CueGetSystemStatsRequest request, ServerCallContext context)
    {
        var openCalls = await access.ReadAsync(request, context, farm => farm.OpenCalls.Count);
        var actions = engine.Waiting(CommandClass.UserAction);
        var reports = engine.Waiting(CommandClass.Report);
        return new()
        {
            Stats = new()
            {
                ManageWaiting = actions,
                ManageRemainingCapacity = Math.Max(0, options.UserActionsWaiting - actions),
                ManageThreads = 1,
                DispatchWaiting = engine.Waiting(CommandClass.Completion),
                DispatchRemainingCapacity = int.MaxValue,
                DispatchThreads = 1,
                ReportWaiting = reports,
                ReportRemainingCapacity = Math.Max(0, options.ReportsWaiting - reports),
                ReportThreads = 1,
                BookingWaiting = openCalls,
                BookingRemainingCapacity = int.MaxValue,
                BookingThreads = 1,
            },
        };
    }
}
