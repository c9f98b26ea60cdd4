using Grpc.Core;

namespace OpenCue.Rpc.Client;

/// <summary>What failures of HTTP/2 mean in gRPC's terms.</summary>
internal static class TransportErrors
{
    private const long RefusedStream = 7;
    private const long Cancel = 8;
    private const long EnhanceYourCalm = 11;

    public static StatusCode CodeOf(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpProtocolException protocol)
            {
                return protocol.ErrorCode switch
                {
                    RefusedStream => StatusCode.Unavailable,
                    Cancel => StatusCode.Cancelled,
                    EnhanceYourCalm => StatusCode.ResourceExhausted,
                    _ => StatusCode.Internal,
                };
            }
        }

        return exception is HttpRequestException or IOException or OperationCanceledException ? StatusCode.Unavailable : StatusCode.Internal;
    }

    /// <summary>The messages of an exception and of its causes: only together they name the reason.</summary>
    public static string Describe(Exception exception)
    {
        var text = exception.Message;
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (!text.Contains(inner.Message, StringComparison.Ordinal))
            {
                text += " " + inner.Message;
            }
        }

        return text;
    }
}
