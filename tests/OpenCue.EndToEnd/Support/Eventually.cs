namespace OpenCue.EndToEnd.Support;

/// <summary>Waiting for real processes: until something holds, or a generous deadline that means failure.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<Task<bool>> holds, TimeSpan deadline, Func<string> message)
    {
        var start = TimeProvider.System.GetTimestamp();
        Exception? last = null;
        while (TimeProvider.System.GetElapsedTime(start) < deadline)
        {
            try
            {
                if (await holds())
                {
                    return;
                }

                last = null;
            }
            catch (Grpc.Core.RpcException e)
            {
                // The server may be starting, or have been killed; the deadline decides.
                last = e;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Fail($"{message()}{(last is null ? "" : $"\nLast error: {last.Message}")}");
    }
}
