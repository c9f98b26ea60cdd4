using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using OpenCue.Rpc.Tests.Protos;

namespace OpenCue.Rpc.Tests;

/// <summary>gRPC-Web as a browser speaks it: HTTP/1.1, trailers in the body, base64 in the text form, questions of origin.</summary>
public sealed class WebTests
{
    private const string Origin = "https://cue.example.com";

    [Fact]
    public async Task A_unary_call_has_its_message_and_then_its_trailers_in_the_body()
    {
        await using var server = await TestServer.StartAsync();
        using var response = await PostAsync(server, "Echo", Frame(new EchoRequest { Text = "grüße" }), "application/grpc-web+proto");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/grpc-web", response.Content.Headers.ContentType!.MediaType);
        var (messages, trailers) = Split(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("grüße", EchoResponse.Parser.ParseFrom(Assert.Single(messages)).Text);
        Assert.Equal("0", trailers["grpc-status"]);
    }

    [Fact]
    public async Task The_text_form_is_base64_both_ways()
    {
        await using var server = await TestServer.StartAsync();
        // A browser may send several pieces, each with its own padding.
        var frame = Frame(new EchoRequest { Text = "text form" });
        var text = Convert.ToBase64String(frame[..4]) + Convert.ToBase64String(frame[4..11]) + Convert.ToBase64String(frame[11..]);
        using var response = await PostAsync(server, "Echo", Encoding.ASCII.GetBytes(text), "application/grpc-web-text");
        Assert.Equal("application/grpc-web-text", response.Content.Headers.ContentType!.MediaType);
        var (messages, trailers) = Split(DecodePieces(await response.Content.ReadAsStringAsync()));
        Assert.Equal("text form", EchoResponse.Parser.ParseFrom(Assert.Single(messages)).Text);
        Assert.Equal("0", trailers["grpc-status"]);
    }

    [Theory]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc-web-text")]
    public async Task A_stream_is_one_frame_after_the_other(string contentType)
    {
        await using var server = await TestServer.StartAsync();
        var frame = Frame(new CountRequest { UpTo = 5, FailAfter = 4, PayloadBytes = 1000 });
        var isText = contentType.EndsWith("text", StringComparison.Ordinal);
        var body = isText ? Encoding.ASCII.GetBytes(Convert.ToBase64String(frame)) : frame;
        using var response = await PostAsync(server, "Count", body, contentType);
        var bytes = isText ? DecodePieces(await response.Content.ReadAsStringAsync()) : await response.Content.ReadAsByteArrayAsync();
        var (messages, trailers) = Split(bytes);
        Assert.Equal([1, 2, 3, 4], messages.Select(message => CountResponse.Parser.ParseFrom(message).Number));
        Assert.Equal(("10", "stopped at 4"), (trailers["grpc-status"], trailers["grpc-message"]));
    }

    [Fact]
    public async Task An_error_is_a_trailers_frame_with_an_encoded_message()
    {
        await using var server = await TestServer.StartAsync();
        using var response = await PostAsync(server, "Fail", Frame(new FailRequest { Code = 5, Detail = "kein Würfel" }), "application/grpc-web");
        var (messages, trailers) = Split(await response.Content.ReadAsByteArrayAsync());
        Assert.Empty(messages);
        Assert.Equal(("5", "kein W%C3%BCrfel", "because"), (trailers["grpc-status"], trailers["grpc-message"], trailers["why"]));
        Assert.Equal(new byte[] { 0, 255, 7 }, Convert.FromBase64String(trailers["why-bin"]));
    }

    [Fact]
    public async Task Text_that_is_no_base64_is_an_error_of_the_call()
    {
        await using var server = await TestServer.StartAsync();
        using var response = await PostAsync(server, "Echo", "***"u8.ToArray(), "application/grpc-web-text");
        var (_, trailers) = Split(DecodePieces(await response.Content.ReadAsStringAsync()));
        Assert.Equal("13", trailers["grpc-status"]);
    }

    [Fact]
    public async Task A_browser_of_an_allowed_origin_is_let_in()
    {
        await using var server = await TestServer.StartAsync(options => options.AllowedOrigins.Add(Origin));
        using var preflight = await PreflightAsync(server, Origin);
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal(Origin, Single(preflight.Headers, "Access-Control-Allow-Origin"));
        Assert.Equal("POST", Single(preflight.Headers, "Access-Control-Allow-Methods"));
        Assert.Equal("content-type,x-grpc-web,x-user-agent", Single(preflight.Headers, "Access-Control-Allow-Headers"));
        Assert.Equal("Origin", Single(preflight.Headers, "Vary"));

        using var response = await PostAsync(server, "Echo", Frame(new EchoRequest()), "application/grpc-web", Origin);
        Assert.Equal(Origin, Single(response.Headers, "Access-Control-Allow-Origin"));
        Assert.Contains("grpc-status", Single(response.Headers, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_of_another_origin_is_given_no_permission()
    {
        await using var server = await TestServer.StartAsync(options => options.AllowedOrigins.Add(Origin));
        using var preflight = await PreflightAsync(server, "https://evil.example.com");
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Origin"));
        using var response = await PostAsync(server, "Echo", Frame(new EchoRequest()), "application/grpc-web", "https://evil.example.com");
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Without_allowed_origins_the_question_is_not_even_answered()
    {
        await using var server = await TestServer.StartAsync();
        using var preflight = await PreflightAsync(server, Origin);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, preflight.StatusCode);
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/grpc+json")]
    [InlineData(null)]
    public async Task Another_content_type_is_refused_with_those_that_are_served(string? contentType)
    {
        await using var server = await TestServer.StartAsync();
        using var response = await PostAsync(server, "Echo", "{}"u8.ToArray(), contentType);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("application/json", text, StringComparison.Ordinal);
        Assert.Contains("application/grpc-web", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grpc_itself_over_http_1_is_told_to_upgrade()
    {
        await using var server = await TestServer.StartAsync();
        using var response = await PostAsync(server, "Echo", Frame(new EchoRequest()), "application/grpc");
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
    }

    [Fact]
    public async Task Only_post_calls_a_method_and_other_paths_stay_free()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new HttpClient();
        using var get = await client.GetAsync(new Uri($"http://127.0.0.1:{server.WebPort}/rpctest.TestInterface/Echo"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        using var page = await client.GetAsync(new Uri($"http://127.0.0.1:{server.WebPort}/jobs/today"));
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
    }

    private static async Task<HttpResponseMessage> PostAsync(
        TestServer server,
        string method,
        byte[] body,
        string? contentType,
        string? origin = null)
    {
        using var client = new HttpClient();
        using var content = new ByteArrayContent(body);
        if (contentType is not null)
        {
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{server.WebPort}/rpctest.TestInterface/{method}") { Content = content };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        var response = await client.SendAsync(request);
        await response.Content.LoadIntoBufferAsync();
        return response;
    }

    private static async Task<HttpResponseMessage> PreflightAsync(TestServer server, string origin)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Options, $"http://127.0.0.1:{server.WebPort}/rpctest.TestInterface/Echo");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "content-type,x-grpc-web,x-user-agent");
        return await client.SendAsync(request);
    }

    private static string Single(HttpResponseHeaders headers, string name) => Assert.Single(headers.GetValues(name));

    private static byte[] Frame(IMessage message)
    {
        var body = message.ToByteArray();
        var frame = new byte[5 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), body.Length);
        body.CopyTo(frame, 5);
        return frame;
    }

    private static (List<byte[]> Messages, Dictionary<string, string> Trailers) Split(byte[] body)
    {
        var messages = new List<byte[]>();
        var rest = body.AsSpan();
        while (true)
        {
            var flags = rest[0];
            var length = BinaryPrimitives.ReadInt32BigEndian(rest[1..]);
            var payload = rest.Slice(5, length).ToArray();
            rest = rest[(5 + length)..];
            if (flags == 0)
            {
                messages.Add(payload);
                continue;
            }

            Assert.Equal(0x80, flags);
            Assert.True(rest.IsEmpty, "something follows the trailers");
            var lines = Encoding.ASCII.GetString(payload).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            return (messages, lines.Select(line => line.Split(": ", 2)).ToDictionary(parts => parts[0], parts => parts[1]));
        }
    }

    private static byte[] DecodePieces(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i += 4)
        {
            bytes.AddRange(Convert.FromBase64String(text.Substring(i, 4)));
        }

        return [.. bytes];
    }
}
