using Google.Protobuf;
using Grpc.Core;
using OpenCue.Cuebot.Api.Messages;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Shows;

namespace OpenCue.Cuebot.Api;

/// <summary>Shows with their stats, which are sums over all their jobs.</summary>
internal static class ShowList
{
    private const int JobsAtOnce = 100;

    /// <summary>Reads shows, by name, with their stats.</summary>
    public static async Task<List<Wire.Show>> ReadAsync(
        FarmAccess access, IMessage request, ServerCallContext context, Func<FarmModel, IEnumerable<Show>> which)
    {
        var shows = await access.ReadAsync(request, context, farm => which(farm).Select(ShowMessages.Of).ToDictionary(message => message.Id));
        var sums = await access.ReadListAsync<(string Show, EntitySlice<Job> Jobs), (string Show, ShowSums Sums)>(
            request,
            context,
            farm =>
            [
                .. shows.Keys.SelectMany(id => farm.Shows.Find(EntityId.Parse(id)) is { } show
                    ? EntitySlice<Job>.Of(farm, show.Jobs, JobsAtOnce).Select(jobs => (id, jobs))
                    : []),
            ],
            (farm, slice, found) => found.Add((slice.Show, Sum(slice.Jobs.In(farm)))));
        var totals = shows.Keys.ToDictionary(id => id, _ => default(ShowSums));
        foreach (var (id, sum) in sums)
        {
            var total = totals[id];
            total.Add(sum);
            totals[id] = total;
        }

        foreach (var (id, show) in shows)
        {
            totals[id].AddTo(show.ShowStats);
        }

        return [.. shows.Values.OrderBy(show => show.Name, StringComparer.Ordinal)];
    }

    private static ShowSums Sum(IEnumerable<Job> jobs)
    {
        var sums = default(ShowSums);
        foreach (var job in jobs)
        {
            sums.Add(job);
        }

        return sums;
    }
}
