using Microsoft.Extensions.Hosting;

namespace OpenCue.Cuebot.Reports;

/// <summary>Sees while many reports come whether the server comes to its work in time, and has their <see cref="ReportPace"/> follow.</summary>
/// <remarks>
/// A look is a timer and a turn in the pool's queue, as every call takes several: both wait for a processor when there are too few. While few reports
/// come nothing is looked at.
/// </remarks>
internal sealed class ReportPacing(ReportPace pace, TimeProvider time) : BackgroundService
{
    private const int Looks = 10;
    private const int LateLooks = 3;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    // Of a machine that has time a timer is up to two milliseconds late, for its grain, and a turn takes a fifth of one.
    private static readonly TimeSpan LateTimer = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan LateTurn = TimeSpan.FromMilliseconds(0.5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var perSecond = 0.0;
            while (true)
            {
                var (started, before) = (time.GetTimestamp(), pace.Reports);
                var late = 0;
                if (pace.PerSecond is null && perSecond < ReportPace.Least)
                {
                    await Task.Delay(Looks * BetweenLooks, time, stoppingToken);
                }
                else
                {
                    late = await LookAsync(stoppingToken);
                }

                perSecond = (pace.Reports - before) / time.GetElapsedTime(started).TotalSeconds;
                pace.Adjust(late >= LateLooks, perSecond);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops. Answers that wait leave when their time has come.
        }
    }

    /// <returns>How many looks were late.</returns>
    private async Task<int> LookAsync(CancellationToken stop)
    {
        var late = 0;
        for (var look = 0; look < Looks; look++)
        {
            var started = time.GetTimestamp();
            await Task.Delay(BetweenLooks, time, stop);
            var woke = time.GetTimestamp();
            await Task.Yield();
            if (time.GetElapsedTime(started, woke) - BetweenLooks > LateTimer || time.GetElapsedTime(woke) > LateTurn)
            {
                late++;
            }
        }

        return late;
    }
}
