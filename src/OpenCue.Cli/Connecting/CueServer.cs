using OpenCue.Protocol.V1;
using OpenCue.Rpc.Client;

namespace OpenCue.Cli.Connecting;

/// <summary>The services of a server. Nothing is connected before the first call.</summary>
internal sealed class CueServer : IDisposable
{
    private readonly RpcChannel _channel;

    /// <param name="settings">Where it is.</param>
    /// <param name="user">Who calls.</param>
    public CueServer(CueSettings settings, string user)
    {
        Settings = settings;
        _channel = new RpcChannel(settings.Servers, new RpcChannelOptions
        {
            DefaultTimeout = settings.Timeout ?? CueSettings.UsualTimeout,
            IsIdempotent = OnlyReads,
            UserAgent = "cue/" + typeof(CueServer).Assembly.GetName().Version?.ToString(3),
        });
        var calls = new NamedCalls(_channel.CreateCallInvoker(), user);
        Admin = new(calls);
        Explain = new(calls);
        Limits = new(calls);
        Scheduling = new(calls);
        Jobs = new(calls);
        Layers = new(calls);
        Frames = new(calls);
        Hosts = new(calls);
        Shows = new(calls);
    }

    /// <summary>How it was found.</summary>
    public CueSettings Settings { get; }

    /// <summary>The address that calls go to now.</summary>
    public string Address => _channel.CurrentAddress;

    public AdminInterface.AdminInterfaceClient Admin { get; }

    public ExplainInterface.ExplainInterfaceClient Explain { get; }

    public LimitInterface.LimitInterfaceClient Limits { get; }

    public SchedulingInterface.SchedulingInterfaceClient Scheduling { get; }

    public Wire.JobInterface.JobInterfaceClient Jobs { get; }

    public Wire.LayerInterface.LayerInterfaceClient Layers { get; }

    public Wire.FrameInterface.FrameInterfaceClient Frames { get; }

    public Wire.HostInterface.HostInterfaceClient Hosts { get; }

    public Wire.ShowInterface.ShowInterfaceClient Shows { get; }

    public void Dispose() => _channel.Dispose();

    // Asking twice does no harm; doing twice might.
    private static bool OnlyReads(IMethod method) =>
        method.Name.StartsWith("Get", StringComparison.Ordinal)
        || method.Name.StartsWith("Find", StringComparison.Ordinal)
        || method.Name.StartsWith("Is", StringComparison.Ordinal)
        || method.Name.StartsWith("Read", StringComparison.Ordinal)
        || method.Name.StartsWith("Explain", StringComparison.Ordinal)
        || method.Name == "Verify";
}
