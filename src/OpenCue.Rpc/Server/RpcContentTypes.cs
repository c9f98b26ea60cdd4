using OpenCue.Rpc.Wire;

namespace OpenCue.Rpc.Server;

/// <summary>The protocol that a request speaks.</summary>
internal enum RpcContentType
{
    None,
    Grpc,
    GrpcWeb,
    GrpcWebText,
    Json,
}

/// <summary>Tells the protocol of a request by its content type.</summary>
internal static class RpcContentTypes
{
    public const string Supported =
        $"{WireNames.GrpcContentType}, {WireNames.GrpcWebContentType}, {WireNames.GrpcWebTextContentType} and {WireNames.JsonContentType}";

    private const string ProtoSuffix = "+proto";

    public static RpcContentType Parse(string? contentType)
    {
        if (contentType is null)
        {
            return RpcContentType.None;
        }

        if (contentType == WireNames.GrpcContentType)
        {
            return RpcContentType.Grpc;
        }

        var type = contentType.AsSpan();
        var semicolon = type.IndexOf(';');
        if (semicolon >= 0)
        {
            type = type[..semicolon];
        }

        type = type.Trim();
        if (type.Equals(WireNames.JsonContentType, StringComparison.OrdinalIgnoreCase))
        {
            return RpcContentType.Json;
        }

        if (type.EndsWith(ProtoSuffix, StringComparison.OrdinalIgnoreCase))
        {
            type = type[..^ProtoSuffix.Length];
        }

        return type switch
        {
            _ when type.Equals(WireNames.GrpcContentType, StringComparison.OrdinalIgnoreCase) => RpcContentType.Grpc,
            _ when type.Equals(WireNames.GrpcWebContentType, StringComparison.OrdinalIgnoreCase) => RpcContentType.GrpcWeb,
            _ when type.Equals(WireNames.GrpcWebTextContentType, StringComparison.OrdinalIgnoreCase) => RpcContentType.GrpcWebText,
            _ => RpcContentType.None,
        };
    }
}
