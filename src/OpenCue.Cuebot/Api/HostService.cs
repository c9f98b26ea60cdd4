using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Cuebot.Api.Searches;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;

namespace OpenCue.Cuebot.Api;

/// <summary><c>host.HostInterface</c>.</summary>
internal sealed class HostService(FarmAccess access) : Wire.HostInterface.HostInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<Wire.HostFindHostResponse> FindHost(Wire.HostFindHostRequest request, ServerCallContext context) => new()
    {
        Host = await access.ReadAsync(
            request, context, farm => HostMessages.Of(farm.Hosts.Find(request.Name) ?? throw Lookup.Missing("Host", "name", request.Name))),
    };

    /// <inheritdoc/>
    public override async Task<Wire.HostGetHostResponse> GetHost(Wire.HostGetHostRequest request, ServerCallContext context) =>
        new() { Host = await access.ReadAsync(request, context, farm => HostMessages.Of(Lookup.Host(farm, request.Id))) };

    /// <inheritdoc/>
    public override async Task<Wire.HostGetHostsResponse> GetHosts(Wire.HostGetHostsRequest request, ServerCallContext context) =>
        new() { Hosts = await HostSearch.Of(request.R).ReadAsync(access, request, context) };

    /// <inheritdoc/>
    public override async Task<Wire.HostGetProcsResponse> GetProcs(Wire.HostGetProcsRequest request, ServerCallContext context) => new()
    {
        Procs = await access.ReadAsync(request, context, farm =>
        {
            var procs = new List<Wire.Proc>();
            ProcSearch.Add(Lookup.Host(farm, request.Host?.Id), procs);
            return ProcSearch.Seq(procs);
        }),
    };

    /// <inheritdoc/>
    /// <remarks>The lock stands when this is answered; the agent is told afterwards, and again until it answers.</remarks>
    public override Task<Wire.HostLockResponse> Lock(Wire.HostLockRequest request, ServerCallContext context) =>
        ActAsync(request, context, request.Host, HostRules.Lock, new Wire.HostLockResponse());

    /// <inheritdoc/>
    public override Task<Wire.HostUnlockResponse> Unlock(Wire.HostUnlockRequest request, ServerCallContext context) =>
        ActAsync(request, context, request.Host, HostRules.Unlock, new Wire.HostUnlockResponse());

    /// <inheritdoc/>
    public override Task<Wire.HostSetHardwareStateResponse> SetHardwareState(Wire.HostSetHardwareStateRequest request, ServerCallContext context) =>
        ActAsync(
            request,
            context,
            request.Host,
            (edit, host) => HostRules.SetState(edit, host, (HardwareState)request.State),
            new Wire.HostSetHardwareStateResponse());

    private Task<TResponse> ActAsync<TResponse>(
        IMessage request, ServerCallContext context, Wire.Host? of, Action<FarmEdit, Host> rule, TResponse response) => access.ActAsync(
            request,
            context,
            edit =>
            {
                rule(edit, Lookup.Host(edit.Farm, of?.Id));
                return response;
            });
}
