using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using OpenCue.Cuebot.Tests.Support;
using OpenCue.TestKit;

namespace OpenCue.Cuebot.Tests.Api;

/// <summary>The HTTP port: JSON and gRPC-Web from the same services, and what a browser finds at the root.</summary>
public sealed class WebTests
{
    [Fact]
    public async Task Json_answers_with_both_wrappers_and_camel_case_and_takes_both_cases()
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.LaunchAsync("comp", SpecText.Layer("render"));

        foreach (var field in new[] { "include_finished", "includeFinished" })
        {
            using var answer = await PostAsync(server, "/job.JobInterface/GetJobs", $"{{\"r\":{{\"ids\":[\"{job.Id}\"],\"{field}\":true}}}}", HttpStatusCode.OK);
            var found = answer.RootElement.GetProperty("jobs").GetProperty("jobs")[0];
            Assert.Equal("PENDING", found.GetProperty("state").GetString());
            Assert.Equal("0", found.GetProperty("jobStats").GetProperty("renderedFrameCount").GetString());
            Assert.Equal(3, found.GetProperty("jobStats").GetProperty("waitingFrames").GetInt32());
            Assert.False(found.GetProperty("isPaused").GetBoolean());
        }
    }

    [Fact]
    public async Task Json_errors_have_the_status_of_the_gateway()
    {
        await using var server = await TestServer.StartAsync();

        using var missing = await PostAsync(server, "/show.ShowInterface/FindShow", """{"name":"nobody"}""", HttpStatusCode.NotFound);
        Assert.Equal(5, missing.RootElement.GetProperty("code").GetInt32());
        using var bad = await PostAsync(server, "/job.JobInterface/GetJobs", """{"r":{"regex":["("]}}""", HttpStatusCode.BadRequest);
        Assert.Equal(3, bad.RootElement.GetProperty("code").GetInt32());
        using var unfinished = await PostAsync(server, "/filter.FilterInterface/FindFilter", "{}", HttpStatusCode.NotImplemented);
        Assert.Equal(12, unfinished.RootElement.GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task A_browser_calls_with_grpc_web()
    {
        await using var server = await TestServer.StartAsync();
        var message = new Wire.ShowFindShowRequest { Name = "testing" }.ToByteArray();
        var frame = new byte[message.Length + 5];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        using var body = new ByteArrayContent(frame);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/grpc-web+proto");

        using var response = await server.Web.PostAsync("/show.ShowInterface/FindShow", body);

        var bytes = await response.Content.ReadAsByteArrayAsync();
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1));
        Assert.Equal("testing", Wire.ShowFindShowResponse.Parser.ParseFrom(bytes, 5, length).Show.Name);
        Assert.Contains("grpc-status:0", Encoding.ASCII.GetString(bytes.AsSpan(length + 10)).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_says_what_this_is_and_where()
    {
        await using var server = await TestServer.StartAsync();

        var page = await server.Web.GetStringAsync("/");

        Assert.Contains("OpenCue.NET cuebot", page, StringComparison.Ordinal);
        Assert.Contains("/job.JobInterface/GetJobs", page, StringComparison.Ordinal);
        Assert.Equal("serving\n", await server.Web.GetStringAsync("/healthz"));
    }

    private static async Task<JsonDocument> PostAsync(TestServer server, string path, string json, HttpStatusCode expected)
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await server.Web.PostAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{response.StatusCode}: {text}");
        return JsonDocument.Parse(text);
    }
}
