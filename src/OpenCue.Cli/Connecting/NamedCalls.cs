namespace OpenCue.Cli.Connecting;

/// <summary>Tells the server who calls, where the request itself has no room for it: for its records, not as a proof.</summary>
internal sealed class NamedCalls(CallInvoker calls, string user) : CallInvoker
{
    private const string UserHeader = "opencue-user";

    // A header holds no other characters.
    private readonly string? _user = user.Length > 0 && user.All(letter => char.IsAscii(letter) && !char.IsControl(letter)) ? user : null;

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        calls.BlockingUnaryCall(method, host, Named(options), request);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        calls.AsyncUnaryCall(method, host, Named(options), request);

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        calls.AsyncServerStreamingCall(method, host, Named(options), request);

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        calls.AsyncClientStreamingCall(method, host, Named(options));

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        calls.AsyncDuplexStreamingCall(method, host, Named(options));

    private CallOptions Named(CallOptions options) => _user is null ? options : options.WithHeaders(new Metadata { { UserHeader, _user } });
}
