using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;

namespace OpenCue.Rpc.Tests;

/// <summary>JSON in the routes and shapes of OpenCue's REST gateway.</summary>
public sealed class JsonTests
{
    [Fact]
    public async Task Every_field_is_answered_in_camel_case_with_big_numbers_as_strings_and_enums_as_names()
    {
        await using var server = await TestServer.StartAsync();
        var (status, json) = await PostAsync(
            server,
            "Echo",
            """{"text":"grüße <b>","payload":"AP8=","bigNumber":"9007199254740993","mood":"ANGRY"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"text":"grüße <b>","payload":"AP8=","bigNumber":"9007199254740993","mood":"ANGRY","longList":[]}""", json);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("""{"no_such_field": [1, {"a": null}]}""")]
    public async Task What_is_not_set_is_answered_with_its_default(string request)
    {
        await using var server = await TestServer.StartAsync();
        var (status, json) = await PostAsync(server, "Echo", request);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"text":"","payload":"","bigNumber":"0","mood":"CALM","longList":[]}""", json);
    }

    [Fact]
    public async Task A_request_may_use_snake_case_and_plain_numbers()
    {
        await using var server = await TestServer.StartAsync();
        var (_, json) = await PostAsync(server, "Echo", """{"big_number":-5,"mood":1}""");
        Assert.Equal("-5", JsonNode.Parse(json)!["bigNumber"]!.GetValue<string>());
        Assert.Equal("ANGRY", JsonNode.Parse(json)!["mood"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(StatusCode.Cancelled, 499)]
    [InlineData(StatusCode.Unknown, 500)]
    [InlineData(StatusCode.InvalidArgument, 400)]
    [InlineData(StatusCode.DeadlineExceeded, 504)]
    [InlineData(StatusCode.NotFound, 404)]
    [InlineData(StatusCode.AlreadyExists, 409)]
    [InlineData(StatusCode.PermissionDenied, 403)]
    [InlineData(StatusCode.ResourceExhausted, 429)]
    [InlineData(StatusCode.FailedPrecondition, 400)]
    [InlineData(StatusCode.Aborted, 409)]
    [InlineData(StatusCode.OutOfRange, 400)]
    [InlineData(StatusCode.Unimplemented, 501)]
    [InlineData(StatusCode.Internal, 500)]
    [InlineData(StatusCode.Unavailable, 503)]
    [InlineData(StatusCode.DataLoss, 500)]
    [InlineData(StatusCode.Unauthenticated, 401)]
    public async Task An_error_is_its_http_status_and_an_object(StatusCode code, int httpStatus)
    {
        await using var server = await TestServer.StartAsync();
        var (status, json) = await PostAsync(server, "Fail", $$"""{"code":{{(int)code}},"detail":"so \"ist\" es\n日本"}""");
        Assert.Equal(httpStatus, (int)status);
        Assert.Equal($$"""{"code":{{(int)code}},"message":"so \"ist\" es\n日本","details":[]}""", json);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"text": 5}""")]
    [InlineData("""{"payload": "*"}""")]
    [InlineData("""{"bigNumber": "99999999999999999999"}""")]
    [InlineData("""{"mood": "FURIOUS"}""")]
    [InlineData("""{"text": "a", "text": "b"}{}""")]
    [InlineData("nonsense")]
    public async Task Json_that_is_no_such_message_is_an_invalid_argument(string request)
    {
        await using var server = await TestServer.StartAsync();
        var (status, json) = await PostAsync(server, "Echo", request);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(3, JsonNode.Parse(json)!["code"]!.GetValue<int>());
        Assert.Contains("rpctest.EchoRequest", JsonNode.Parse(json)!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(server.Errors);
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_and_nesting_without_end_are_invalid_arguments()
    {
        await using var server = await TestServer.StartAsync();
        using var notUtf8 = new ByteArrayContent([.. "{\"text\":\""u8, 0xff, .. "\"}"u8]);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(server, "Echo", notUtf8)).Status);
        var nested = string.Concat(Enumerable.Repeat("{\"unknown\":", 100_000));
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(server, "Echo", nested)).Status);
        Assert.Empty(server.Errors);
    }

    [Fact]
    public async Task A_stream_is_lines_of_results_and_ends_with_its_error()
    {
        await using var server = await TestServer.StartAsync();
        var (status, text) = await PostAsync(server, "Count", """{"upTo":5,"failAfter":2}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            [
                """{"result":{"number":1,"payload":""}}""",
                """{"result":{"number":2,"payload":""}}""",
                """{"error":{"code":10,"message":"stopped at 2","details":[]}}""",
                "",
            ],
            text.Split('\n'));
    }

    [Fact]
    public async Task A_method_that_is_not_there_is_unimplemented()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var path in new[] { "rpctest.TestInterface/Missing", "rpctest.TestInterface/Nothing", "nobody.Knows/This", "Chat" })
        {
            var (status, json) = await PostAsync(server, path, "{}");
            Assert.Equal((HttpStatusCode.NotImplemented, 12), (status, JsonNode.Parse(json)!["code"]!.GetValue<int>()));
        }
    }

    [Theory]
    [InlineData("api/jobs")]
    [InlineData("api/v1.0/jobs")]
    [InlineData("hook")]
    public async Task Json_for_a_path_that_can_be_no_method_is_left_to_others(string path)
    {
        await using var server = await TestServer.StartAsync();
        using var client = new HttpClient();
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri($"http://127.0.0.1:{server.WebPort}/{path}"), content);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_request_above_the_limit_is_refused()
    {
        await using var server = await TestServer.StartAsync(options => options.MaxMessageBytes = 1000);
        var (status, json) = await PostAsync(server, "Echo", $$"""{"text":"{{new string('x', 1000)}}"}""");
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Contains("MaxMessageBytes", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_are_metadata_and_a_timeout_is_a_deadline()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, Uri(server, "Metadata"))
        {
            Content = new StringContent("{}", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Plain", "plain");
        request.Headers.Add("Grpc-Metadata-X-Run", "7");
        request.Headers.Add("Grpc-Timeout", "20S");
        using var response = await client.SendAsync(request);
        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal("plain", json["text"]!["x-plain"]!.GetValue<string>());
        Assert.Equal("7", json["text"]!["x-run"]!.GetValue<string>());
        Assert.InRange(long.Parse(json["deadlineInMs"]!.GetValue<string>()), 1, 20_000);
        Assert.Equal("text", Assert.Single(response.Headers.GetValues("Grpc-Metadata-leading")));
        Assert.Equal("text", Assert.Single(response.Headers.GetValues("Grpc-Trailer-trailing")));
    }

    [Fact]
    public async Task A_deadline_that_passes_is_a_gateway_timeout()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, Uri(server, "Hang"))
        {
            Content = new StringContent("{}", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Grpc-Timeout", "200m");
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
    }

    [Theory]
    [InlineData("forever")]
    [InlineData("-5S")]
    [InlineData("123456789S")]
    [InlineData("5")]
    public async Task A_timeout_that_is_none_is_refused(string timeout)
    {
        await using var server = await TestServer.StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, Uri(server, "Echo"))
        {
            Content = new StringContent("{}", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Grpc-Timeout", timeout);
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(timeout, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static Uri Uri(TestServer server, string method) =>
        new($"http://127.0.0.1:{server.WebPort}/" + (method.Contains('/', StringComparison.Ordinal) ? method : "rpctest.TestInterface/" + method));

    private static Task<(HttpStatusCode Status, string Body)> PostAsync(TestServer server, string method, string json) =>
        PostAsync(server, method, new StringContent(json, Encoding.UTF8));

    private static async Task<(HttpStatusCode Status, string Body)> PostAsync(TestServer server, string method, HttpContent content)
    {
        using (content)
        {
            content.Headers.ContentType = new("application/json");
            using var client = new HttpClient();
            using var response = await client.PostAsync(Uri(server, method), content);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }
}
