using Grpc.Core;

namespace OpenCue.Rpc.Wire;

/// <summary>Metadata as HTTP headers: text as it is, bytes as base64.</summary>
internal static class MetadataCodec
{
    /// <summary>Adds one header to metadata, unless it belongs to the protocol itself.</summary>
    /// <exception cref="RpcException">A key says that its value is base64 and it is not.</exception>
    public static void AddHeader(Metadata metadata, string name, string? value)
    {
        if (value is null || IsReserved(name))
        {
            return;
        }

        var key = name.ToLowerInvariant();
        if (!Metadata.Entry.IsValidKey(key))
        {
            // HTTP allows more characters in a name than gRPC; nobody can ask for such a key.
            return;
        }

        if (!key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.Ordinal))
        {
            metadata.Add(Metadata.Entry.FromWire(key, value));
            return;
        }

        // Several values of one binary key may be joined with commas, which base64 has not.
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            metadata.Add(Metadata.Entry.FromWire(key, DecodeBase64(key, part)));
        }
    }

    /// <summary>The value of an entry as a header's value.</summary>
    public static string HeaderValue(Metadata.Entry entry) =>
        entry.IsBinary ? Convert.ToBase64String(entry.BytesUnsafe).TrimEnd('=') : entry.Value;

    /// <summary>Whether a header belongs to HTTP or gRPC, so that it is no metadata and none may be sent under its name.</summary>
    public static bool IsReserved(string name) =>
        name.StartsWith(':')
        || name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
        || name.Equals("content-type", StringComparison.OrdinalIgnoreCase)
        || name.Equals("content-length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("te", StringComparison.OrdinalIgnoreCase)
        || name.Equals("host", StringComparison.OrdinalIgnoreCase)
        || name.Equals("connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("transfer-encoding", StringComparison.OrdinalIgnoreCase)
        || name.Equals("accept-encoding", StringComparison.OrdinalIgnoreCase);

    private static byte[] DecodeBase64(string key, string text)
    {
        var padded = (text.Length % 4) switch
        {
            2 => text + "==",
            3 => text + "=",
            _ => text,
        };
        var bytes = new byte[padded.Length / 4 * 3];
        if (!Convert.TryFromBase64String(padded, bytes, out var length))
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument,
                $"The metadata \"{key}\" is not base64, as every key that ends in \"{Metadata.BinaryHeaderSuffix}\" must be."));
        }

        return bytes[..length];
    }
}
