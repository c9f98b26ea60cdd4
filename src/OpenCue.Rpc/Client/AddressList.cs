namespace OpenCue.Rpc.Client;

/// <summary>One address of a channel.</summary>
internal sealed class ServerAddress(Uri uri, int index)
{
    public Uri Uri => uri;

    public int Index => index;

    /// <summary>Failed connections in a row.</summary>
    public int Failures { get; set; }

    /// <summary>When it failed last, in the clock's timestamps.</summary>
    public long FailedAt { get; set; }

    /// <summary>How long it rests from then on.</summary>
    public TimeSpan Rest { get; set; }

    public string? LastError { get; set; }

    public override string ToString() => uri.Authority;
}

/// <summary>
/// The addresses of a channel: calls stay with the one that works and move on when it fails; one that failed rests before it
/// is tried again.
/// </summary>
internal sealed class AddressList(IReadOnlyList<Uri> uris, RpcChannelOptions options)
{
    private const double Growth = 1.6;
    private const double Jitter = 0.2;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time = options.TimeProvider;
    private readonly ServerAddress[] _addresses = [.. uris.Select((uri, index) => new ServerAddress(uri, index))];
    // Thousands of clients that lost the same server must not come back in step.
    private readonly Random _random = new();
    private int _current;

    public int Count => _addresses.Length;

    public ServerAddress Current
    {
        get
        {
            lock (_gate)
            {
                return _addresses[_current];
            }
        }
    }

    /// <summary>The address to try next: the current one or those after it, but none that rests or was tried; null when there is none.</summary>
    public ServerAddress? Pick(ulong tried)
    {
        lock (_gate)
        {
            for (var i = 0; i < _addresses.Length; i++)
            {
                var address = _addresses[(_current + i) % _addresses.Length];
                if ((tried & Bit(address)) == 0 && RestLeft(address) <= TimeSpan.Zero)
                {
                    return address;
                }
            }

            return null;
        }
    }

    /// <summary>Marks an address in a set of tried ones.</summary>
    public static ulong Bit(ServerAddress address) => 1UL << address.Index;

    /// <summary>A connection to the address works.</summary>
    public void Succeeded(ServerAddress address)
    {
        if (address.Failures == 0 && _addresses[_current].Failures == 0)
        {
            return;
        }

        lock (_gate)
        {
            address.Failures = 0;
            address.LastError = null;
            if (_addresses[_current].Failures > 0)
            {
                _current = address.Index;
            }
        }
    }

    /// <summary>No connection to the address could be made.</summary>
    /// <param name="address">The address.</param>
    /// <param name="triedAt">When the attempt began: attempts that ran side by side are one failure.</param>
    /// <param name="error">What went wrong.</param>
    public void Failed(ServerAddress address, long triedAt, string error)
    {
        lock (_gate)
        {
            address.LastError = error;
            if (address.Failures == 0 || triedAt >= address.FailedAt)
            {
                address.Failures++;
                address.FailedAt = _time.GetTimestamp();
                var longest = options.BackoffMax.TotalMilliseconds;
                var rest = Math.Min(longest, options.BackoffMin.TotalMilliseconds * Math.Pow(Growth, address.Failures - 1));
                address.Rest = TimeSpan.FromMilliseconds(rest * (1 - Jitter + (2 * Jitter * _random.NextDouble())));
            }

            MoveOn(address);
        }
    }

    /// <summary>The server there answers, but not now: the next calls go elsewhere.</summary>
    public void Leave(ServerAddress address)
    {
        lock (_gate)
        {
            MoveOn(address);
        }
    }

    /// <summary>How long until the first address has rested.</summary>
    public TimeSpan UntilRested()
    {
        lock (_gate)
        {
            return _addresses.Min(RestLeft);
        }
    }

    /// <summary>Why no address can be tried now.</summary>
    public string DescribeFailures()
    {
        lock (_gate)
        {
            var failures = _addresses.Where(address => address.LastError is not null).Select(address => $"{address}: {address.LastError}");
            return string.Join("; ", failures);
        }
    }

    private TimeSpan RestLeft(ServerAddress address) =>
        address.Failures == 0 ? TimeSpan.Zero : address.Rest - _time.GetElapsedTime(address.FailedAt);

    private void MoveOn(ServerAddress from)
    {
        if (_current == from.Index)
        {
            _current = (_current + 1) % _addresses.Length;
        }
    }
}
