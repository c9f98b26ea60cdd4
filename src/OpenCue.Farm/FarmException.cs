namespace OpenCue.Farm;

/// <summary>Why a command was refused. The edge turns it into a gRPC status.</summary>
public enum Refusal
{
    /// <summary>The thing named does not exist.</summary>
    NotFound,

    /// <summary>It exists already.</summary>
    AlreadyExists,

    /// <summary>A value is out of range or malformed.</summary>
    InvalidArgument,

    /// <summary>The farm's state does not allow it now.</summary>
    FailedPrecondition,

    /// <summary>A bound of the server was reached.</summary>
    ResourceExhausted,

    /// <summary>OpenCue answers INTERNAL here and its clients show the text: launch failures above all.</summary>
    Internal,
}

/// <summary>
/// A command that a rule refuses. Its message is for the person who gave the command: it names the thing, the value and the way out.
/// </summary>
public sealed class FarmException(Refusal refusal, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public Refusal Refusal { get; } = refusal;

    /// <summary>The thing named does not exist.</summary>
    public static FarmException NotFound(string message) => new(Refusal.NotFound, message);

    /// <summary>A value is out of range or malformed.</summary>
    public static FarmException Invalid(string message) => new(Refusal.InvalidArgument, message);

    /// <summary>The farm's state does not allow it now.</summary>
    public static FarmException Precondition(string message) => new(Refusal.FailedPrecondition, message);
}
