using Grpc.Core;
using OpenCue.Farm.Depends;

namespace OpenCue.Cuebot.Api;

/// <summary><c>depend.DependInterface</c>. Edges of depends that join frames pairwise have ids of their own, and are found by them.</summary>
internal sealed class DependService(FarmAccess access) : Wire.DependInterface.DependInterfaceBase
{
    /// <inheritdoc/>
    public override async Task<Wire.DependGetDependResponse> GetDepend(Wire.DependGetDependRequest request, ServerCallContext context) => new()
    {
        Depend = await access.ReadAsync(request, context, farm =>
        {
            var id = Lookup.Id("Depend", request.Id);
            var found = new List<Wire.Depend>();
            DependLists.Read(farm, farm.Depends.ContainsKey(id) ? new DependKey(id) : new DependKey(id.Layer, id.FrameOrdinal), found);
            return found.Count == 1 ? found[0] : throw Lookup.Missing("Depend", "id", request.Id);
        }),
    };

    /// <inheritdoc/>
    public override Task<Wire.DependSatisfyResponse> Satisfy(Wire.DependSatisfyRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            DependRules.Satisfy(edit, Lookup.Id("Depend", request.Depend?.Id));
            return new Wire.DependSatisfyResponse();
        });

    /// <inheritdoc/>
    public override Task<Wire.DependUnsatisfyResponse> Unsatisfy(Wire.DependUnsatisfyRequest request, ServerCallContext context) => access.ActAsync(
        request,
        context,
        edit =>
        {
            DependRules.Unsatisfy(edit, Lookup.Id("Depend", request.Depend?.Id));
            return new Wire.DependUnsatisfyResponse();
        });
}
