using OpenCue.Farm.Shows;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Shows as clients see them.</summary>
internal static class ShowMessages
{
    /// <summary>The show with stats that hold only what the show itself counts; <see cref="ShowSums"/> adds its jobs.</summary>
    public static Wire.Show Of(Show show)
    {
        var row = show.Row;
        return new Wire.Show
        {
            Id = row.Id.ToString(),
            Name = row.Name,
            DefaultMinCores = WireUnits.Cores(row.DefaultMinCores),
            DefaultMaxCores = WireUnits.Cores(row.DefaultMaxCores),
            CommentEmail = row.CommentEmail,
            BookingEnabled = row.BookingEnabled,
            DispatchEnabled = row.DispatchEnabled,
            Active = row.Active,
            ShowStats = new Wire.ShowStats
            {
                CreatedJobCount = row.JobsCreated,
                CreatedFrameCount = row.FramesCreated,
                RenderedFrameCount = row.ArchivedRunsSucceeded,
                FailedFrameCount = row.ArchivedRunsFailed,
            },
            DefaultMinGpus = row.DefaultMinGpus,
            DefaultMaxGpus = row.DefaultMaxGpus,
        };
    }
}
