namespace Grpc.Core;

/// <summary>The result of a call as gRPC counts it; the numbers are the wire's.</summary>
public enum StatusCode
{
    /// <summary>The call did what it was asked.</summary>
    OK = 0,

    /// <summary>The caller gave the call up.</summary>
    Cancelled = 1,

    /// <summary>An error of which nothing better is known.</summary>
    Unknown = 2,

    /// <summary>The request itself is wrong, whatever the state of the farm.</summary>
    InvalidArgument = 3,

    /// <summary>The time allowed ran out; the work may or may not have been done.</summary>
    DeadlineExceeded = 4,

    /// <summary>The thing named does not exist.</summary>
    NotFound = 5,

    /// <summary>The thing to be made exists already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A quota, a queue or a size limit is exhausted.</summary>
    ResourceExhausted = 8,

    /// <summary>The state of the thing does not allow this now; repeating the call does not help.</summary>
    FailedPrecondition = 9,

    /// <summary>The call lost a race with another one; it may be repeated from its beginning.</summary>
    Aborted = 10,

    /// <summary>A position lies outside of what exists.</summary>
    OutOfRange = 11,

    /// <summary>The server does not know this method, or does not offer it.</summary>
    Unimplemented = 12,

    /// <summary>The server is broken in some way.</summary>
    Internal = 13,

    /// <summary>The server cannot answer now; the call may be repeated.</summary>
    Unavailable = 14,

    /// <summary>Data was lost or destroyed.</summary>
    DataLoss = 15,

    /// <summary>The caller is not known.</summary>
    Unauthenticated = 16,
}
