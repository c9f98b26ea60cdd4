namespace Grpc.Core;

/// <summary>What all generated clients have in common.</summary>
public abstract class ClientBase
{
    /// <summary>For test doubles, which override every method.</summary>
    protected ClientBase()
        : this(new ClientBaseConfiguration(null, null))
    {
    }

    /// <summary>A client on a channel.</summary>
    /// <param name="channel">The channel.</param>
    protected ClientBase(ChannelBase channel)
        : this((channel ?? throw new ArgumentNullException(nameof(channel))).CreateCallInvoker())
    {
    }

    /// <summary>A client on an invoker.</summary>
    /// <param name="callInvoker">Makes the calls.</param>
    protected ClientBase(CallInvoker callInvoker)
        : this(new ClientBaseConfiguration(callInvoker ?? throw new ArgumentNullException(nameof(callInvoker)), null))
    {
    }

    /// <summary>A client with a given configuration.</summary>
    /// <param name="configuration">Invoker and host.</param>
    protected ClientBase(ClientBaseConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Configuration = configuration;
    }

    /// <summary>Makes the calls.</summary>
    protected CallInvoker CallInvoker =>
        Configuration.CallInvoker
        ?? throw new InvalidOperationException($"{GetType().Name} was made without a channel, as a test double; the method called is not overridden.");

    internal ClientBaseConfiguration Configuration { get; }

    /// <summary>The invoker of a client and the host that its calls ask for.</summary>
#pragma warning disable CA1034 // The nesting is fixed by the generated stubs.
    protected internal class ClientBaseConfiguration
#pragma warning restore CA1034
    {
        internal ClientBaseConfiguration(CallInvoker? callInvoker, string? host)
        {
            CallInvoker = callInvoker;
            Host = host;
        }

        internal CallInvoker? CallInvoker { get; }

        internal string? Host { get; }
    }
}

/// <summary>The base of a generated client.</summary>
/// <typeparam name="T">The client.</typeparam>
public abstract class ClientBase<T> : ClientBase
    where T : ClientBase<T>
{
    /// <summary>For test doubles, which override every method.</summary>
    protected ClientBase()
    {
    }

    /// <summary>A client on a channel.</summary>
    /// <param name="channel">The channel.</param>
    protected ClientBase(ChannelBase channel)
        : base(channel)
    {
    }

    /// <summary>A client on an invoker.</summary>
    /// <param name="callInvoker">Makes the calls.</param>
    protected ClientBase(CallInvoker callInvoker)
        : base(callInvoker)
    {
    }

    /// <summary>A client with a given configuration.</summary>
    /// <param name="configuration">Invoker and host.</param>
    protected ClientBase(ClientBaseConfiguration configuration)
        : base(configuration)
    {
    }

    /// <summary>Makes another client of this kind.</summary>
    /// <param name="configuration">Invoker and host.</param>
    protected abstract T NewInstance(ClientBaseConfiguration configuration);
}
