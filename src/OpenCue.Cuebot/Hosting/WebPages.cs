using System.Reflection;
using OpenCue.Engine;

namespace OpenCue.Cuebot.Hosting;

/// <summary>What a browser or a load balancer finds on the HTTP port.</summary>
internal static class WebPages
{
    /// <summary>The version of this program.</summary>
    public static string Version { get; } =
        typeof(WebPages).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private static readonly string About =
        $"""
        OpenCue.NET cuebot {Version}

        This is the server of a render farm. It speaks OpenCue's protocol:

          gRPC       on its own port (8443 unless configured otherwise): pycue, CueGUI, cueadmin, cue, host agents
          gRPC-Web   here
          JSON       here: POST /<package>.<Service>/<Method> with a JSON body, for example
                     curl -H 'Content-Type: application/json' -d '{"{\"r\":{}}"}' http://localhost:8448/job.JobInterface/GetJobs

        GET /healthz says whether the farm is being served.

        """;

    /// <summary>Maps the pages.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/", (HttpContext http) => WriteAsync(http, StatusCodes.Status200OK, About));
        app.MapGet("/healthz", (HttpContext http, FarmEngine engine) =>
        {
            var status = engine.Status;
            return status.State == EngineState.Running
                ? WriteAsync(http, StatusCodes.Status200OK, "serving\n")
                : WriteAsync(http, StatusCodes.Status503ServiceUnavailable, $"{status.State}: {status.Reason ?? "not serving"}\n");
        });
    }

    private static Task WriteAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
