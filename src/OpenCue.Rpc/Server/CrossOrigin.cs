using Microsoft.AspNetCore.Http;

namespace OpenCue.Rpc.Server;

/// <summary>Lets pages of other origins call, where the options say so; a browser asks before each such call.</summary>
internal sealed class CrossOrigin(IEnumerable<string> allowedOrigins)
{
    private const string ExposedHeaders = "grpc-status, grpc-message, grpc-encoding, grpc-accept-encoding";
    private const string SecondsToRemember = "600";

    private readonly HashSet<string> _allowed = new(allowedOrigins, StringComparer.OrdinalIgnoreCase);

    public bool IsOffered => _allowed.Count > 0;

    /// <summary>Tells the browser that the page may read the answer.</summary>
    public void Apply(HttpContext http)
    {
        if (AllowedOrigin(http) is { } origin)
        {
            http.Response.Headers.AccessControlAllowOrigin = origin;
            http.Response.Headers.AccessControlExposeHeaders = ExposedHeaders;
        }
    }

    /// <summary>Answers the question that a browser asks before a call.</summary>
    public void AnswerPreflight(HttpContext http)
    {
        var response = http.Response;
        response.StatusCode = StatusCodes.Status204NoContent;
        if (AllowedOrigin(http) is not { } origin)
        {
            // Without the headers the browser refuses the call by itself and tells its user why.
            return;
        }

        response.Headers.AccessControlAllowOrigin = origin;
        response.Headers.AccessControlAllowMethods = HttpMethods.Post;
        response.Headers.AccessControlMaxAge = SecondsToRemember;
        if (http.Request.Headers.AccessControlRequestHeaders is { Count: > 0 } headers)
        {
            response.Headers.AccessControlAllowHeaders = headers;
        }
    }

    private string? AllowedOrigin(HttpContext http)
    {
        if (!IsOffered)
        {
            return null;
        }

        // The answer differs by origin; no cache may give one origin's to another.
        http.Response.Headers.Append("Vary", "Origin");
        var origin = http.Request.Headers.Origin;
        return origin.Count == 1 && (_allowed.Contains("*") || _allowed.Contains(origin[0]!)) ? origin[0] : null;
    }
}
