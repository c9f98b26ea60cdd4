using Grpc.Core;

namespace OpenCue.Cuebot.Tests.Support;

/// <summary>Says how a call must fail.</summary>
internal static class RpcAssert
{
    /// <summary>The call fails with this status, and its message holds the words.</summary>
    public static async Task<RpcException> FailsAsync<T>(StatusCode code, string words, AsyncUnaryCall<T> call)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.True(code == failure.StatusCode, $"Expected {code}, got {failure.Status}");
        Assert.Contains(words, failure.Status.Detail, StringComparison.Ordinal);
        return failure;
    }
}
