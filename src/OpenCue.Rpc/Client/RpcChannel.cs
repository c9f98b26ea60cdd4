using System.Globalization;
using Grpc.Core;

namespace OpenCue.Rpc.Client;

/// <summary>
/// A way to one server, or to any of several that do the same. Calls stay with the address that works; when no connection to
/// it can be made they go to the next one. A call whose request may have been done is never repeated silently, unless
/// <see cref="RpcChannelOptions.IsIdempotent"/> says that it may be.
/// </summary>
public sealed class RpcChannel : ChannelBase, IDisposable
{
    // The set of addresses that a call has tried is one 64-bit number.
    private const int MaxAddresses = 64;

    private readonly RpcTransport? _ownTransport;
    private readonly CancellationTokenSource _closed = new();

    /// <summary>Makes a channel to one address; nothing is connected before the first call.</summary>
    /// <param name="address"><c>host:port</c>, <c>http://host:port</c> or, for TLS, <c>https://host:port</c>; several separated by commas.</param>
    /// <param name="options">How calls behave; null takes the defaults.</param>
    /// <exception cref="ArgumentException">An address is none.</exception>
    public RpcChannel(string address, RpcChannelOptions? options = null)
        : this((address ?? throw new ArgumentNullException(nameof(address))).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), options)
    {
    }

    /// <summary>Makes a channel to several addresses, the preferred one first; nothing is connected before the first call.</summary>
    /// <param name="addresses">Each <c>host:port</c>, <c>http://host:port</c> or, for TLS, <c>https://host:port</c>.</param>
    /// <param name="options">How calls behave; null takes the defaults.</param>
    /// <exception cref="ArgumentException">There is no address, or one is none.</exception>
    public RpcChannel(IEnumerable<string> addresses, RpcChannelOptions? options = null)
        : this([.. (addresses ?? throw new ArgumentNullException(nameof(addresses))).Select(Parse)], options ?? new RpcChannelOptions())
    {
    }

    private RpcChannel(IReadOnlyList<Uri> uris, RpcChannelOptions options)
        : base(string.Join(',', uris.Select(uri => uri.Authority)))
    {
        if (uris.Count is 0 or > MaxAddresses)
        {
            throw new ArgumentException($"A channel takes 1 to {MaxAddresses} addresses, not {uris.Count}.", nameof(uris));
        }

        Options = options;
        Addresses = new AddressList(uris, options);
        _ownTransport = options.Transport is null ? new RpcTransport(options.TransportOptions) : null;
        Transport = options.Transport ?? _ownTransport!;
    }

    /// <summary>The address that the next call tries first.</summary>
    public string CurrentAddress => Addresses.Current.ToString();

    internal RpcChannelOptions Options { get; }

    internal AddressList Addresses { get; }

    internal RpcTransport Transport { get; }

    /// <summary>Fires when the channel is closed.</summary>
    internal CancellationToken Closed => _closed.Token;

    /// <inheritdoc/>
    public override CallInvoker CreateCallInvoker() => new RpcCallInvoker(this);

    /// <summary>Closes the channel: calls in flight are given up, and connections that are not shared are closed.</summary>
    public void Dispose()
    {
        _closed.Cancel();
        _ownTransport?.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }

    private static Uri Parse(string address)
    {
        var text = address.Contains("://", StringComparison.Ordinal) ? address : "http://" + address;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https")
            || uri.Host.Length == 0
            || uri.PathAndQuery != "/"
            || uri.UserInfo.Length > 0
            || !HasPort(text, uri))
        {
            throw new ArgumentException(
                $"\"{address}\" is no address; it must be host:port, http://host:port or https://host:port.", nameof(address));
        }

        return uri;
    }

    // Uri fills in 80 or 443; a forgotten port of ours would then look for some web server.
    private static bool HasPort(string text, Uri uri) =>
        text.TrimEnd('/').EndsWith(":" + uri.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
