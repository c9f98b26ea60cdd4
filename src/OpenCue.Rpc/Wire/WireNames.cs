namespace OpenCue.Rpc.Wire;

/// <summary>Header names, encodings and content types of the protocol.</summary>
internal static class WireNames
{
    public const string GrpcContentType = "application/grpc";
    public const string GrpcWebContentType = "application/grpc-web";
    public const string GrpcWebTextContentType = "application/grpc-web-text";
    public const string JsonContentType = "application/json";
    public const string JsonLinesContentType = "application/x-ndjson";

    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";

    public const string Identity = "identity";
    public const string Gzip = "gzip";
    public const string SupportedEncodings = "identity,gzip";

    /// <summary>The bytes before each message: one of flags, four of length, big-endian.</summary>
    public const int PrefixLength = 5;

    public const byte CompressedFlag = 1;

    /// <summary>Marks the frame of a gRPC-Web answer that holds the trailers.</summary>
    public const byte TrailersFlag = 0x80;
}
