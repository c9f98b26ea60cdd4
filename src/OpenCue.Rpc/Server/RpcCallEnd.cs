using Grpc.Core;

namespace OpenCue.Rpc.Server;

/// <summary>How a call ended, for metrics and logs.</summary>
/// <param name="Method">The method called.</param>
/// <param name="Context">The call: peer, headers, deadline. Not to be kept.</param>
/// <param name="Status">The status that the caller got. A dropped connection counts as CANCELLED.</param>
/// <param name="Duration">From the arrival of the request's headers to the hand-over of the response's end.</param>
public readonly record struct RpcCallEnd(RpcMethodInfo Method, ServerCallContext Context, Status Status, TimeSpan Duration);
